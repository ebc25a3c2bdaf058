#!lua flags=allow-oom
-- Purpose: keeps what the runner of bulk operations says of one.
-- KEYS: leader, operations, open operations
-- ARGV: fencing token, id, operation (opaque), 1 = it is over
-- Returns: -1 not the leader (any more), 0 kept
-- Complexity: O(log N). May arrive twice.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
if ARGV[4] == '1' then
  redis.call('ZREM', KEYS[3], ARGV[2])
  redis.call('HDEL', KEYS[2], ARGV[2] .. '#ids', ARGV[2] .. '#abort')
end
return 0
