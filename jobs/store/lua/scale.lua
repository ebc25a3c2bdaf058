#!lua flags=allow-oom
-- Purpose: records what was decided for a pool, and sets how many workers it should have. Each stretch of time once.
-- KEYS: core (10), leader, state of the pool's scaling, its record, desired counts
-- ARGV: offset, fencing token, pool, stretch of time, orders known, workers ('' = as they are), memory (opaque),
--   step (opaque), most steps kept, time to live of the record ms, what this decision is counted as
-- Returns: -1 not the leader (any more), 0 somebody else decided for this stretch, 1 an order came meanwhile, or the pool is
--   being forgotten: nothing was written, 2 recorded
-- Complexity: O(1). May arrive twice.
-- Uses: core, leads
if not leads() then return -1 end
local STATE, STEPS, POOLS = KEYS[12], KEYS[13], KEYS[14]
local stretch, by, orders, gone = unpack(redis.call('HMGET', STATE, 'stretch', 'by', 'orders', 'gone'))
local before = redis.call('HGET', POOLS, ARGV[3]) or ''
redis.call('LLEN', STEPS)
if stretch == ARGV[4] then return by == ARGV[2] and 2 or 0 end
if gone or (orders or '0') ~= ARGV[5] then return 1 end
if ARGV[6] ~= '' and ARGV[6] ~= before then
  redis.call('HSET', POOLS, ARGV[3], ARGV[6])
  redis.call('HSET', STATE, 'changed', text(now()), 'before', before)
end
redis.call('HSET', STATE, 'stretch', ARGV[4], 'by', ARGV[2], 'memory', ARGV[7])
redis.call('HINCRBY', STATE, 'made|' .. ARGV[11], 1)
redis.call('RPUSH', STEPS, ARGV[8])
redis.call('LTRIM', STEPS, -ARGV[9], -1)
redis.call('PEXPIRE', STEPS, ARGV[10])
return 2
