#!lua flags=allow-oom
-- Purpose: keeps a new simulation where there is a place for one, and forgets the oldest of those that are over.
-- KEYS: simulations, running simulations
-- ARGV: now ms, id, simulation (opaque), until when it is believed to run ms, most at once, most kept, kept for ms
-- Returns: 1 kept, or there already; 0 as many run as may
-- Complexity: O(N log N), N simulations kept. May arrive twice.
local SIMULATIONS, RUNNING = KEYS[1], KEYS[2]
if redis.call('HEXISTS', SIMULATIONS, ARGV[2]) == 1 then return 1 end
if redis.call('ZCOUNT', RUNNING, '(' .. ARGV[1], '+inf') >= tonumber(ARGV[5]) then return 0 end
redis.call('ZREMRANGEBYSCORE', RUNNING, '-inf', ARGV[1])
redis.call('ZADD', RUNNING, ARGV[4], ARGV[2])
redis.call('HSET', SIMULATIONS, ARGV[2], ARGV[3])
local kept, over = 0, {}
for _, field in ipairs(redis.call('HKEYS', SIMULATIONS)) do
  if not string.find(field, '#', 1, true) then
    kept = kept + 1
    if not redis.call('ZSCORE', RUNNING, field) then over[#over + 1] = field end
  end
end
table.sort(over)
for at = 1, math.min(#over, kept - tonumber(ARGV[6])) do
  redis.call('HDEL', SIMULATIONS, over[at], over[at] .. '#result')
end
redis.call('PEXPIRE', SIMULATIONS, ARGV[7])
redis.call('PEXPIRE', RUNNING, ARGV[7])
return 1
