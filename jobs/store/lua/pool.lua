#!lua flags=allow-oom
-- Purpose: a pool's supervisor says that it lives and learns the desired count and who shares it.
-- KEYS: core (10), supervisors, their most workers, desired counts, their fewest workers, when pools were heard, their queues
-- ARGV: offset, pool, supervisor, most workers it can run (-1 = it leaves), silence after which one is forgotten (ms),
--   fewest workers that it keeps, queues that its workers serve (with commas between)
-- Returns: desired ('' = never set), supervisor ids sorted, their most workers
-- Complexity: O(supervisors log N). May arrive twice.
-- Uses: core, heard
local ms = now()
forget_silent(ms, ARGV[5], KEYS[11], KEYS[12], KEYS[14], KEYS[16])
if ARGV[4] == '-1' then
  redis.call('HDEL', KEYS[12], ARGV[3])
  redis.call('HDEL', KEYS[14], ARGV[3])
  redis.call('HDEL', KEYS[16], ARGV[3])
  redis.call('ZREM', KEYS[11], ARGV[3])
else
  redis.call('ZADD', KEYS[11], text(ms), ARGV[3])
  redis.call('HSET', KEYS[12], ARGV[3], ARGV[4])
  redis.call('HSET', KEYS[14], ARGV[3], ARGV[6])
  redis.call('HSET', KEYS[16], ARGV[3], ARGV[7])
  redis.call('HSET', KEYS[15], ARGV[2], text(ms))
end
local ids = redis.call('ZRANGE', KEYS[11], 0, 899)
table.sort(ids)
return {redis.call('HGET', KEYS[13], ARGV[2]) or '', ids, #ids > 0 and redis.call('HMGET', KEYS[12], unpack(ids)) or {}}
