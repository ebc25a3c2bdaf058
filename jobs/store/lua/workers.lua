#!lua flags=allow-oom
-- Purpose: lists workers, forgetting those not heard of for long.
-- KEYS: core (10), workers, worker info
-- ARGV: offset, silence after which one is forgotten (ms)
-- Returns: now, ids, last heartbeats, infos
-- Complexity: O(workers)
-- Uses: core
local ms = now()
local silent = redis.call('ZRANGE', KEYS[11], '-inf', text(ms - ARGV[2]), 'BYSCORE', 'LIMIT', 0, 500)
if #silent > 0 then
  redis.call('HDEL', KEYS[12], unpack(silent))
  redis.call('ZREM', KEYS[11], unpack(silent))
end
-- After the server's clock was set back: who was heard of in the future was heard of just now, and has to be heard of again.
for _, id in ipairs(redis.call('ZRANGE', KEYS[11], '(' .. text(ms), '+inf', 'BYSCORE', 'LIMIT', 0, 500)) do
  redis.call('ZADD', KEYS[11], text(ms), id)
end
local found, ids, beats = redis.call('ZRANGE', KEYS[11], 0, 4999, 'WITHSCORES'), {}, {}
for i = 1, #found, 2 do ids[#ids + 1] = found[i]; beats[#beats + 1] = found[i + 1] end
local infos = {}
for from = 1, #ids, 900 do
  local part = redis.call('HMGET', KEYS[12], unpack(ids, from, math.min(from + 899, #ids)))
  for i = 1, #part do infos[#infos + 1] = part[i] end
end
return {text(ms), ids, beats, infos}
