#!lua flags=allow-oom
-- Purpose: records failed executions: another attempt later, or the dead-letter queue.
-- KEYS: core (10), reply, active, retrying, dlq, cancelled, history, expiring, groups, timer channel, then by index: dedup, dlq by type, dlq by error
-- ARGV: offset, number, reply ttl ms, items (msgpack)
--   an item: id, token, started ms, duration ms, summary, fingerprint, execution, delay ms, final (1 = no further attempt),
--   KEYS index of the dedup key (0 = none), of the type's DLQ index, of the error's DLQ index
-- Returns: a code an item: 0 retrying, 1 lease lost, 2 dead, 3 cancelled
-- Complexity: O(items log N)
-- Uses: core, figures, replay, settle, dedup, histogram, history, cancel, bury, failing
local kept = answered()
if kept then return kept end
local ms, us = now()
local items = cmsgpack.unpack(ARGV[4])
local recs = held(items)
return answer(fail_held(items, recs, ms, us))
