#!lua flags=allow-oom
-- Purpose: lists workers, forgetting those without a heartbeat for long.
-- KEYS: core (10), workers, worker info
-- ARGV: offset, silence after which one is forgotten (ms)
-- Returns: now, ids, last heartbeats, infos
-- Complexity: O(workers)
-- Uses: core, heard
local ms = now()
forget_silent(ms, ARGV[2], KEYS[11], KEYS[12])
local found, ids, beats = redis.call('ZRANGE', KEYS[11], 0, 4999, 'WITHSCORES'), {}, {}
for i = 1, #found, 2 do ids[#ids + 1] = found[i]; beats[#beats + 1] = found[i + 1] end
local infos = {}
for from = 1, #ids, 900 do
  local part = redis.call('HMGET', KEYS[12], unpack(ids, from, math.min(from + 899, #ids)))
  for i = 1, #part do infos[#infos + 1] = part[i] end
end
return {text(ms), ids, beats, infos}
