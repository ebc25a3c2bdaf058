#!lua flags=allow-oom
-- Purpose: takes or keeps a duty's leadership, and notes when it was led last. A new term gets a new fencing token.
-- KEYS: core (10), leader, term counter, last led (hash by duty)
-- ARGV: offset, duty, holder, ttl ms
-- Returns: the fencing token, or '' when somebody else leads
-- Complexity: O(1). May arrive twice.
-- Uses: core
local kept, prefix = redis.call('GET', KEYS[11]), ARGV[3] .. ':'
if kept and string.sub(kept, 1, #prefix) ~= prefix then return '' end
redis.call('HSET', KEYS[13], ARGV[2], text(now()))
if kept then
  redis.call('PEXPIRE', KEYS[11], ARGV[4])
  return kept
end
local token = prefix .. redis.call('INCR', KEYS[12])
redis.call('SET', KEYS[11], token, 'PX', ARGV[4])
return token
