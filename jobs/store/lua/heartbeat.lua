#!lua flags=allow-oom
-- Purpose: a worker says that it lives, and what it is.
-- KEYS: core (10), workers, worker info
-- ARGV: offset, worker, info (opaque; '' = unchanged), 0 = it leaves
-- Returns: now
-- Complexity: O(log N). May arrive twice.
-- Uses: core
local ms = now()
if ARGV[4] == '0' then
  redis.call('HDEL', KEYS[12], ARGV[2])
  redis.call('ZREM', KEYS[11], ARGV[2])
else
  redis.call('ZADD', KEYS[11], text(ms), ARGV[2])
  if ARGV[3] ~= '' then redis.call('HSET', KEYS[12], ARGV[2], ARGV[3]) end
end
return text(ms)
