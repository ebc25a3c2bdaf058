#!lua flags=allow-oom
-- Purpose: moves scheduled and retrying jobs that are due to their queues.
-- KEYS: core (10), leader, scheduled, retrying, paused, paused types, held, then (priority index, wake) pairs by index
-- ARGV: offset, fencing token, items (msgpack): id, KEYS index of its priority index, its queue
-- Returns: -1 not the leader (any more), or a code an item: 0 pending, 1 gone, 2 not due or in another state, 3 it moved meanwhile,
--   6 its queue's key holds something else
-- Complexity: O(items log N). May arrive twice: the second finds nothing due.
-- Uses: core, leads, wake, apart, ready
if not leads() then return -1 end
local ms, us = now()
return ready_all(cmsgpack.unpack(ARGV[3]), ms, us, ms)
