#!lua flags=allow-oom
-- Purpose: forgets a pool of which no supervisor is heard. For a moment nothing can be decided for it: who read its
--   policy before that was deleted would bring it back.
-- KEYS: core (10), supervisors, desired counts, when pools were heard, state of the pool's scaling, then what else is
--   kept of it alone
-- ARGV: offset, pool, silence after which a supervisor counts no more (ms), how long nothing is decided (ms)
-- Returns: 0 a supervisor lives: nothing was written, 1 forgotten
-- Complexity: O(keys + what they hold). May arrive twice.
-- Uses: core
local SUPERVISORS, POOLS, HEARD, STATE = KEYS[11], KEYS[12], KEYS[13], KEYS[14]
if redis.call('ZCOUNT', SUPERVISORS, text(now() - ARGV[3]), '+inf') > 0 then return 0 end
redis.call('HLEN', HEARD)
redis.call('HDEL', POOLS, ARGV[2])
redis.call('HDEL', HEARD, ARGV[2])
redis.call('UNLINK', SUPERVISORS, unpack(KEYS, 14))
redis.call('HSET', STATE, 'gone', 1)
redis.call('PEXPIRE', STATE, ARGV[4])
return 1
