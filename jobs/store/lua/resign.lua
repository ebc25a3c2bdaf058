#!lua flags=allow-oom
-- Purpose: gives a duty's leadership up, if it is still the caller's.
-- KEYS: leader
-- ARGV: fencing token
-- Returns: 1 given up, 0 it was not the caller's
-- Complexity: O(1)
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
