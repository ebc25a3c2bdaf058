#!lua flags=allow-oom
-- Purpose: makes scheduled and retrying jobs claimable before they are due, because a person asked.
-- KEYS: core (10), unused, scheduled, retrying, paused, paused types, held, then (priority index, wake) pairs by index
-- ARGV: offset, unused, items (msgpack): id, KEYS index of its priority index, its queue
-- Returns: a code an item: 0 pending, 1 gone, 2 in another state, 3 it moved meanwhile: read it again, 6 its queue's key holds something else
-- Complexity: O(items log N). May arrive twice: the second finds another state.
-- Uses: core, wake, apart, ready
local ms, us = now()
return ready_all(cmsgpack.unpack(ARGV[3]), ms, us, nil)
