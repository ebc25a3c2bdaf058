#!lua flags=allow-oom
-- Purpose: stops claims from a queue. Enqueue, promotion and active jobs go on.
-- KEYS: core (10), paused, wake
-- ARGV: offset, queue
-- Returns: 1 paused now, 0 it was paused already
-- Complexity: O(1). May arrive twice.
-- Uses: core
local ms = now()
local set = redis.call('HSETNX', KEYS[11], ARGV[2], text(ms))
redis.call('DEL', KEYS[12])
if set == 1 then redis.call('PUBLISH', CHANNEL, '{"event":"paused","at":' .. text(ms) .. ',"queue":"' .. ARGV[2] .. '","ids":[]}') end
return set
