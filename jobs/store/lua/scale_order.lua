#!lua flags=allow-oom
-- Purpose: keeps what people order for the scaling of a pool, which whoever decides meanwhile notices.
-- KEYS: core (10), state of the pool's scaling, desired counts
-- ARGV: offset, pool, workers that it should have from now on ('' = as many as now), then fields and values (opaque; ''
--   takes the field away)
-- Returns: 1
-- Complexity: O(fields). May arrive twice.
-- Uses: core
local STATE, POOLS = KEYS[11], KEYS[12]
local before = redis.call('HGET', POOLS, ARGV[2]) or ''
redis.call('HINCRBY', STATE, 'orders', 1)
if redis.call('HDEL', STATE, 'gone') == 1 then redis.call('PERSIST', STATE) end
if ARGV[3] ~= '' and ARGV[3] ~= before then
  redis.call('HSET', POOLS, ARGV[2], ARGV[3])
  redis.call('HSET', STATE, 'changed', text(now()), 'before', before)
end
for i = 4, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', STATE, ARGV[i]) else redis.call('HSET', STATE, ARGV[i], ARGV[i + 1]) end
end
return 1
