#!lua flags=allow-oom
-- Purpose: ends executions whose lease ran out, or whose process was seen to die.
-- KEYS: core (10), leader, active, retrying, dlq, cancelled, history, expiring, groups, timer channel, then by index as in fail
-- ARGV: offset, fencing token, items (msgpack): as in fail, and forced (1 = the death was seen, the lease need not have run out)
-- Returns: -1 not the leader (any more), or a code an item: 0 retrying, 1 not lost, 2 dead, 3 cancelled
-- Complexity: O(items log N). May arrive twice: the second finds nothing held by the token.
-- Uses: core, figures, leads, settle, dedup, histogram, history, cancel, bury, failing
if not leads() then return -1 end
local ms, us = now()
local items = cmsgpack.unpack(ARGV[3])
local recs, lost = held(items), 0
for i = 1, #items do
  if recs[i] then
    if items[i][13] ~= 1 and tonumber(redis.call('ZSCORE', ACTIVE_INDEX, items[i][1]) or 0) > ms then recs[i] = false
    else lost = lost + 1 end
  end
end
if lost > 0 then redis.call('HINCRBY', STATS, 'reaped', lost) end
return fail_held(items, recs, ms, us)
