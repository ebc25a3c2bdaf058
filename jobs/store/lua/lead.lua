#!lua flags=allow-oom
-- Purpose: takes or keeps a duty's leadership. A new term gets a new fencing token.
-- KEYS: leader, term counter
-- ARGV: holder, ttl ms
-- Returns: the fencing token, or '' when somebody else leads
-- Complexity: O(1). May arrive twice.
local kept = redis.call('GET', KEYS[1])
if kept then
  if string.sub(kept, 1, #ARGV[1] + 1) ~= ARGV[1] .. ':' then return '' end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return kept
end
local token = ARGV[1] .. ':' .. redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
return token
