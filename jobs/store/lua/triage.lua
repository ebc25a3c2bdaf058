#!lua flags=allow-oom
-- Purpose: notes what a person thinks of an error group: resolved, ignored, or open again. The note outlives the group's jobs, so
--   that an error that comes back is known.
-- KEYS: groups, triage, triaged
-- ARGV: fingerprint, note (opaque; '' = open again), now ms, most notes kept, 1 = the group is known elsewhere
-- Returns: 1 noted, 0 there is no such group
-- Complexity: O(log N). May arrive twice.
local GROUPS, TRIAGE, TRIAGED = unpack(KEYS)
local known = ARGV[5] == '1' or redis.call('HEXISTS', GROUPS, ARGV[1]) == 1
if not known and redis.call('HEXISTS', TRIAGE, ARGV[1]) == 0 then return 0 end
if ARGV[2] == '' then
  redis.call('HDEL', TRIAGE, ARGV[1])
  redis.call('ZREM', TRIAGED, ARGV[1])
  return 1
end
redis.call('HSET', TRIAGE, ARGV[1], ARGV[2])
redis.call('ZADD', TRIAGED, ARGV[3], ARGV[1])
if redis.call('ZCARD', TRIAGED) > tonumber(ARGV[4]) then
  local oldest = redis.call('ZPOPMIN', TRIAGED)
  redis.call('HDEL', TRIAGE, oldest[1])
end
return 1
