#!lua flags=allow-oom
-- Purpose: stops claims of one job type. Enqueue, promotion and active jobs go on; what becomes pending waits apart from its queue,
--   and so does what stands in a queue already as soon as a claim meets it.
-- KEYS: core (10), paused, paused types
-- ARGV: offset, type, most types that may be paused
-- Returns: 1 paused now (also one that was about to resume), 0 it was paused already, -1 too many types are paused
-- Complexity: O(1). May arrive twice.
-- Uses: core, apart
local PAUSED, PAUSED_TYPES = unpack(KEYS, 11, 12)
local ms = now()
local mark = redis.call('HGET', PAUSED_TYPES, ARGV[2])
if mark and string.sub(mark, 1, 3) == '-1 ' then return 0 end
if not mark and redis.call('HLEN', PAUSED_TYPES) >= tonumber(ARGV[3]) then return -1 end
redis.call('HSET', PAUSED_TYPES, ARGV[2], '-1 ' .. text(ms)) -- nothing up to -1, that is nothing at all, may run
redis.call('HSET', PAUSED, SOME_TYPE, 1)
redis.call('PUBLISH', CHANNEL, '{"event":"type_paused","at":' .. text(ms) .. ',"queue":"*","ids":[],"type":"' .. ARGV[2] .. '"}')
return 1
