#!lua flags=allow-oom
-- Purpose: tells for how long duties have had no leader. One that never had any has none since the first look.
-- KEYS: core (10), last led (hash by duty), then the leader of each duty
-- ARGV: offset, then the duties
-- Returns: ms without a leader for each duty, -1 for one that is led
-- Complexity: O(duties). May arrive twice.
-- Uses: core
local ms, vacant = now(), {}
for i = 2, #ARGV do
  vacant[i - 1] = -1
  if redis.call('EXISTS', KEYS[10 + i]) == 0 then
    redis.call('HSETNX', KEYS[11], ARGV[i], text(ms))
    vacant[i - 1] = math.max(0, ms - redis.call('HGET', KEYS[11], ARGV[i]))
  end
end
return vacant
