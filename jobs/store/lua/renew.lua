#!lua flags=allow-oom
-- Purpose: prolongs the leases of what really executes, and tells which jobs are to be cancelled.
-- KEYS: core (10), unused, active
-- ARGV: offset, lease ms, items (msgpack): id, token
-- Returns: a code an item: 0 renewed, 1 lease lost, 3 renewed and a cancel is asked for
-- Complexity: O(items log N). May arrive twice: renewing again changes nothing else.
-- Uses: core, settle
local ms = now()
local items = cmsgpack.unpack(ARGV[3])
local recs = held(items)
local codes, deadline = {}, text(ms + ARGV[2])
for i = 1, #items do
  codes[i] = LEASE_LOST
  if recs[i] then
    redis.call('ZADD', ACTIVE_INDEX, 'XX', deadline, items[i][1])
    codes[i] = recs[i][CANCELLING] == 1 and CANCELLED_INSTEAD or OK
  end
end
return codes
