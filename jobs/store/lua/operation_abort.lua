#!lua flags=allow-oom
-- Purpose: asks for the end of a bulk operation that is not over.
-- KEYS: operations, open operations
-- ARGV: id, who asks
-- Returns: 1 asked for, 0 it is over or unknown
-- Complexity: O(log N). May arrive twice.
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1] .. '#abort', ARGV[2])
return 1
