#!lua flags=allow-oom
-- Purpose: keeps a new bulk operation and forgets the oldest finished ones.
-- KEYS: operations, open operations
-- ARGV: id, operation (opaque), ids it is about (opaque, '' = none), most open, most kept
-- Returns: 1 kept, 2 it is there already, 0 too many are open
-- Complexity: O(operations log operations), both bounded. May arrive twice: the second finds it there.
local OPERATIONS, OPEN = KEYS[1], KEYS[2]
if redis.call('HEXISTS', OPERATIONS, ARGV[1]) == 1 then return 2 end
if redis.call('ZCARD', OPEN) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', OPERATIONS, ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', OPERATIONS, ARGV[1] .. '#ids', ARGV[3]) end
redis.call('ZADD', OPEN, 0, ARGV[1])
local kept = {}
for _, field in ipairs(redis.call('HKEYS', OPERATIONS)) do
  if not string.find(field, '#', 1, true) then kept[#kept + 1] = field end
end
table.sort(kept)
local excess, at = math.min(#kept - ARGV[5], 100), 1
while excess > 0 and kept[at] do
  if not redis.call('ZSCORE', OPEN, kept[at]) then
    redis.call('HDEL', OPERATIONS, kept[at], kept[at] .. '#ids', kept[at] .. '#abort')
    excess = excess - 1
  end
  at = at + 1
end
return 1
