#!lua flags=allow-oom
-- Purpose: takes tokens from a bucket that refills evenly, or gives some back. A full bucket has no key.
--   The key holds the instant (us) at which its bucket will be full: that refills by itself, and is one number.
-- KEYS: bucket
-- ARGV: offset, capacity, refill a second, cost (above the capacity: the whole bucket; negative: tokens come back)
-- Returns: 1 taken or 0 refused, whole tokens left, ms until the cost can be met (0 = taken), ms until it is full
-- Complexity: O(1). May arrive twice: the tokens are then taken twice.
local time = redis.call('TIME')
local us = time[1] * 1000000 + time[2] + ARGV[1] * 1000
local each = 1000000 / ARGV[3]
local span = ARGV[2] * each
-- More than a whole bucket cannot be missing, unless the server's clock was set back.
local missing = (tonumber(redis.call('GET', KEYS[1])) or us) - us
missing = math.max(0, math.min(missing, span))
local after = math.max(0, missing + math.min(tonumber(ARGV[4]), tonumber(ARGV[2])) * each)
local function left(lacking) return math.floor((span - lacking) / each + 0.000001) end
if after > span then return {0, left(missing), math.ceil((after - span) / 1000), math.ceil(missing / 1000)} end
local ttl = math.ceil(after / 1000)
if ttl == 0 then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], string.format('%.0f', math.floor(us + after)), 'PX', string.format('%.0f', ttl))
end
return {1, left(after), 0, ttl}
