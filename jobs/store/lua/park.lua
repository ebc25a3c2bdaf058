#!lua flags=allow-oom
-- Purpose: puts jobs off whose type this worker does not know; no attempt is spent.
-- KEYS: core (10), reply, active, scheduled, cancelled, history, expiring, timer channel, then dedup keys by index
-- ARGV: offset, number, reply ttl ms, items (msgpack)
--   an item: id, token, delay ms, execution (always ''), dedup KEYS index (0 = none), known (1 = a live worker announces the type)
-- Returns: a code an item: 0 scheduled, 1 lease lost, 3 cancelled
-- Complexity: O(items log N)
-- Uses: core, replay, settle, dedup, history, cancel, put_off
local kept = answered()
if kept then return kept end
local ms, us = now()
local items = cmsgpack.unpack(ARGV[4])
local recs = held(items)
local codes = put_off(items, recs, ms, us, function(rec, item)
  if item[6] == 1 then rec[UNKNOWN_SINCE] = 0
  elseif rec[UNKNOWN_SINCE] == 0 then rec[UNKNOWN_SINCE] = ms end
  return 'parked'
end)
return answer(codes)
