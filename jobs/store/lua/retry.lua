#!lua flags=allow-oom
-- Purpose: gives dead jobs a new attempt budget and puts them back on a queue, if wished with another envelope or on another queue.
-- KEYS: core (10), dlq, groups, queues, paused, paused types, held, tag index, tagged, then by index: (priority index, wake), dedup keys, DLQ by type, DLQ by error
-- ARGV: offset, items (msgpack), then envelopes; an item: id, queue, KEYS index of the priority index, of the dedup key (0 = none), of the type's DLQ index,
--   of the error's DLQ index, ARGV index of a new envelope (0 = as it is), fingerprint, tags of the new envelope
-- Returns: a code an item: 0 pending, 1 gone, 2 not dead, 3 it moved meanwhile: read it again, 4 the dedup key is taken,
--   6 its queue's key holds something else; and the holders
-- Complexity: O(items log N). May arrive twice: the second finds it not dead.
-- Uses: core, dedup, bury, wake, apart, ready, tags
local DLQ, GROUPS, QUEUES, PAUSED, PAUSED_TYPES, HELD, TAG_INDEX, TAGGED = unpack(KEYS, 11, 18)
local ms, us = now()
local items = cmsgpack.unpack(ARGV[2])
local ids, codes, holders, dead, recs, chosen, seen = {}, {}, {}, {}, {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
local packed = redis.call('HMGET', META, unpack(ids))
for i = 1, #items do
  local id, item, rec = ids[i], items[i], decode(packed[i])
  local holder = holder_of(item[4])
  holders[i] = ''
  if not rec then codes[i] = 1
  elseif rec[STATE] ~= DEAD then codes[i] = 2
  elseif item[5] == 0 or rec[FINGERPRINT] ~= item[8] or seen[id] then codes[i] = 3
  elseif holder and holder ~= id and (rec[DEDUPLICATION_UNTIL] == 0 or rec[DEDUPLICATION_UNTIL] > ms) then codes[i] = 4; holders[i] = holder
  elseif not takes(KEYS[item[3]]) then codes[i] = 6
  else
    seen[id], codes[i] = true, 0
    dead[#dead + 1] = {id, rec[QUEUE], rec[FINGERPRINT], KEYS[item[5]], KEYS[item[6]]}
    recs[#recs + 1], chosen[#chosen + 1] = rec, item
    take(item[4], id, rec[DEDUPLICATION_UNTIL], ms)
  end
end
if #dead == 0 then return {codes, holders} end

local records, lines, tokens, series, counts, known, moved = {}, {}, {}, {}, {}, {}, {}
local sorts, stamp = redis.call('HEXISTS', PAUSED, SOME_TYPE) == 1, reserve(us, #dead)
for i = 1, #dead do
  local id, rec, item = dead[i][1], recs[i], chosen[i]
  if item[7] > 0 then
    local old = redis.call('HGET', DATA, id)
    if old then redis.call('HSET', DATA, id .. '#' .. text(rec[VERSION]), old) end
    redis.call('HSET', DATA, id, ARGV[item[7]])
    rec[VERSION] = rec[VERSION] + 1
    rec[SIZE] = rec[SIZE] + #ARGV[item[7]]
    retag(TAG_INDEX, TAGGED, id, rec, item[9])
  end
  local queue = item[2]
  rec[QUEUE], rec[ATTEMPTS], rec[RELEASES], rec[FINISHED], rec[ORDER] = queue, 0, 0, 0, 0
  rec[UNKNOWN_SINCE], rec[CANCELLING] = 0, 0
  if known[queue] == nil then
    redis.call('HSETNX', QUEUES, queue, text(ms))
    known[queue] = redis.call('HEXISTS', PAUSED, queue) == 0
  end
  local held = sorts and apart(PAUSED_TYPES, HELD, rec[TYPE], stamp)
  if held then
    bump(counts, queue .. '|held')
    bump(series, queue .. '|later')
  elseif known[queue] then
    bump(tokens, KEYS[item[3] + 1])
  end
  bump(series, queue .. '|in')
  make_ready(id, rec, ms, stamp, held or KEYS[item[3]], records, lines)
  stamp = stamp + 1
  moved[i] = id
end
write_ready(records, lines)
exhume(dead, DLQ, GROUPS, counts) -- only now that they stand elsewhere
add(COUNTS, counts)
redis.call('HINCRBY', STATS, 'retried', #moved)
record_series(ms, series)
for list, jobs in pairs(tokens) do wake(list, jobs) end
announce('pending', ms, moved, '*')
return {codes, holders}
