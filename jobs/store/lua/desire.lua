#!lua flags=allow-oom
-- Purpose: says how many workers a pool should have in all.
-- KEYS: desired counts
-- ARGV: pool, workers
-- Returns: 1
-- Complexity: O(1). May arrive twice.
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
