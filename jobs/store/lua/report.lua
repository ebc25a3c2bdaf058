#!lua flags=allow-oom
-- Purpose: keeps what running jobs say of themselves, progress and log lines, the last 200, and what handlers measure.
-- KEYS: core (10), reply, active, progress, log, then by index the measures of a type
-- ARGV: offset, number, reply ttl ms, items (msgpack): id, token, progress ('' = unchanged), log lines (array, at most 200),
--   measures (msgpack; see lib/measures), measures that were lost
-- Returns: a code an item: 0 kept, 1 lease lost
-- Complexity: O(items + lines + measures)
-- Uses: core, replay, settle, measures
local PROGRESS, LOG = unpack(KEYS, 13, 14)
local kept = answered()
if kept then return kept end
local items = cmsgpack.unpack(ARGV[4])
local recs = held(items)
local codes = {}
for i = 1, #items do
  local id, progress, said = items[i][1], items[i][3], items[i][4]
  codes[i] = recs[i] and OK or LEASE_LOST
  if recs[i] and progress ~= '' then redis.call('HSET', PROGRESS, id, progress) end
  if recs[i] and #said > 0 then
    local lines, last = unpacked(redis.call('HGET', LOG, id), {}), {}
    for k = 1, #said do lines[#lines + 1] = said[k] end
    for k = math.max(1, #lines - 199), #lines do last[#last + 1] = lines[k] end
    local kept, all = redis.call('HSTRLEN', LOG, id), cmsgpack.pack(last)
    redis.call('HSET', LOG, id, all)
    recs[i][SIZE] = recs[i][SIZE] + #all - kept
    redis.call('HSET', META, id, cmsgpack.pack(recs[i]))
  end
end
keep_measures(cmsgpack.unpack(ARGV[5]), tonumber(ARGV[6]))
return answer(codes)
