#!lua flags=allow-oom
-- Purpose: lets the index of tags be kept no longer. What is in it leaves it with its jobs.
-- KEYS: core (10), leader, tag index, tagged
-- ARGV: offset, fencing token
-- Returns: -1 not the leader (any more), 1 it ends, 0 it was not kept
-- Complexity: O(1). May arrive twice.
-- Uses: core, leads
if not leads() then return -1 end
return redis.call('DEL', KEYS[12])
