#!lua flags=allow-oom
-- Purpose: lets the index of tags be kept from now on.
-- KEYS: core (10), leader, tag index, tagged
-- ARGV: offset, fencing token
-- Returns: -1 not the leader (any more), or the stamp from which on every job with tags is in the index (text)
-- Complexity: O(1). May arrive twice: the second finds it kept.
-- Uses: core, leads
if not leads() then return -1 end
local since = redis.call('GET', KEYS[12])
if not since then
  since = redis.call('ZCARD', CREATED) == 0 and '0' or text((tonumber(redis.call('GET', STAMP)) or 0) + 1)
  redis.call('SET', KEYS[12], since)
end
return since
