#!lua flags=allow-oom
-- Purpose: keeps how far a simulation is, unless it is over. Whoever ends it first, its process or a person, has the
--   last word.
-- KEYS: simulations, running simulations
-- ARGV: id, simulation (opaque), result (opaque; '' = none yet), until when it is believed to run ms; 0 = it is over
-- Returns: 1 kept, 0 it was over before
-- Complexity: O(log N). A repeat of the end finds it over.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 or not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], ARGV[1] .. '#result', ARGV[3]) end
if ARGV[4] == '0' then
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
end
return 1
