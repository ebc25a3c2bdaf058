#!lua flags=allow-oom
-- Purpose: puts claimed jobs off because their handler asked for it; no attempt is spent.
-- KEYS: core (10), reply, active, scheduled, cancelled, history, expiring, timer channel, then dedup keys by index
-- ARGV: offset, number, reply ttl ms, items (msgpack)
--   an item: id, token, delay ms, execution, dedup KEYS index (0 = none)
-- Returns: a code an item: 0 scheduled, 1 lease lost, 3 cancelled
-- Complexity: O(items log N)
-- Uses: core, replay, settle, dedup, history, cancel, put_off
local kept = answered()
if kept then return kept end
local ms, us = now()
local items = cmsgpack.unpack(ARGV[4])
local recs = held(items)
local codes = put_off(items, recs, ms, us, function(rec, item)
  rec[SNOOZES], rec[UNKNOWN_SINCE] = rec[SNOOZES] + 1, 0
  return 'snoozed'
end)
return answer(codes)
