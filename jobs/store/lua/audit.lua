#!lua flags=no-writes
-- Purpose: reads everything the store holds of some jobs at one instant, for the auditor.
-- KEYS: core (10), result, history, progress, log, expiring, paused types, then indexes and deduplication keys
-- ARGV: offset, items (msgpack, at most 200): id, KEYS indexes of the indexes to look into, KEYS index of the dedup key (0 = none), type
-- Returns: now, then an entry an item: record ('' = none), 1 = has a body, creation score ('' = none), its score in each index asked for,
--   owner of the dedup key, how many of result, history, progress and log know it, 1 = it expires,
--   the mark of its paused type ('' = not paused)
-- Complexity: O(items log N)
-- Uses: core
local ms = now()
local items, reply = cmsgpack.unpack(ARGV[2]), {text(ms)}
for i = 1, #items do
  local id, scores, extras = items[i][1], {}, 0
  for k, index in ipairs(items[i][2]) do scores[k] = redis.call('ZSCORE', KEYS[index], id) or '' end
  for index = 11, 14 do extras = extras + redis.call('HEXISTS', KEYS[index], id) end
  local dedup = items[i][3]
  reply[i + 1] = {
    redis.call('HGET', META, id) or '', redis.call('HEXISTS', DATA, id), redis.call('ZSCORE', CREATED, id) or '', scores,
    dedup > 0 and redis.call('GET', KEYS[dedup]) or '', extras, redis.call('ZSCORE', KEYS[15], id) and 1 or 0,
    redis.call('HGET', KEYS[16], items[i][4]) or '',
  }
end
return reply
