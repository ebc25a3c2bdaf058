#!lua flags=allow-oom
-- Purpose: lets claims from a queue go on and wakes workers for what waits in it.
-- KEYS: core (10), paused, wake, high, normal, low
-- ARGV: offset, queue
-- Returns: 1 resumed now, 0 it was not paused
-- Complexity: O(1). May arrive twice.
-- Uses: core, wake
local ms = now()
local removed = redis.call('HDEL', KEYS[11], ARGV[2])
if removed == 1 then
  local depth = 0
  for i = 13, 15 do
    local there = redis.pcall('ZCARD', KEYS[i]) -- one of another type must not keep the others from being woken for
    depth = depth + (type(there) == 'number' and there or 0)
  end
  wake(KEYS[12], depth)
  redis.call('PUBLISH', CHANNEL, '{"event":"resumed","at":' .. text(ms) .. ',"queue":"' .. ARGV[2] .. '","ids":[]}')
end
return removed
