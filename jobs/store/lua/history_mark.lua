#!lua flags=allow-oom
-- Purpose: puts marks on the time axis of charts, and keeps what is known so that each is put once.
-- KEYS: leader, marks, cursors
-- ARGV: fencing token, field of what is known, what is known (opaque), most marks kept, then marks (opaque)
-- Returns: -1 not the leader (any more), 0 kept
-- Complexity: O(marks). May arrive twice.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
if redis.call('HGET', KEYS[3], ARGV[2]) == ARGV[3] then return 0 end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
if #ARGV > 4 then
  redis.call('RPUSH', KEYS[2], unpack(ARGV, 5))
  redis.call('LTRIM', KEYS[2], -ARGV[4], -1)
end
return 0
