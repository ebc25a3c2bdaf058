#!lua flags=allow-oom
-- Purpose: removes jobs that nobody runs, with all they carry. Pruning, purging and deleting differ in who asks and what is counted.
-- KEYS: core (10), leader, scheduled, retrying, completed, cancelled, dlq, active, groups, result, history, progress, log, expiring, held, tagged,
--   then by index: priority indexes, dedup keys, DLQ by type, DLQ by error
-- ARGV: offset, fencing token, counter (deleted, pruned, purged), items (msgpack): id, state it was seen in (0 = any),
--   KEYS index of its priority index, of its dedup key, of its type's DLQ index, of its error's DLQ index (0 = none), queue, fingerprint,
--   SHA1 of the record as it was read if it could not be decoded (else '')
-- Returns: -1 not the leader (any more), or a code an item: 0 removed, 1 gone, 2 active, 3 it moved meanwhile: read it again
-- Complexity: O(items log N). May arrive twice: the second finds it gone.
-- Uses: core, leads, dedup, bury, tags, forget, apart
if not leads() then return -1 end
local SCHEDULED_INDEX, RETRYING_INDEX, COMPLETED_INDEX, CANCELLED_INDEX, DLQ, _, GROUPS = unpack(KEYS, 12, 18)
local plain = {[SCHEDULED] = SCHEDULED_INDEX, [RETRYING] = RETRYING_INDEX, [COMPLETED] = COMPLETED_INDEX, [CANCELLED] = CANCELLED_INDEX}
local ms = now()
local items = cmsgpack.unpack(ARGV[4])
local ids, codes, gone, recs, seen, dead, leaving, counts = {}, {}, {}, {}, {}, {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
local packed = redis.call('HMGET', META, unpack(ids))

-- False where what was read of the job no longer names the indexes that it stands in.
local function is_known(item, rec)
  return rec[QUEUE] == item[7] and (rec[STATE] ~= DEAD or item[5] ~= 0 and rec[FINGERPRINT] == item[8])
end

-- Takes a job that is gone out of the indexes it stood in. It is in no index that is none.
local function leave(id, item, rec)
  if not rec then -- unreadable, or half gone: wherever it may stand
    for index = 12, 17 do redis.pcall('ZREM', KEYS[index], id) end
    return
  end
  local state = rec[STATE]
  if state == DEAD then
    dead[#dead + 1] = {id, rec[QUEUE], rec[FINGERPRINT], KEYS[item[5]], KEYS[item[6]]}
    return
  end
  if plain[state] then redis.pcall('ZREM', plain[state], id) else leave_line(id, rec, KEYS[item[3]], KEYS[24], counts) end
  if state == SCHEDULED then bump(counts, rec[QUEUE] .. '|scheduled', -1) end
  if state == RETRYING then bump(counts, rec[QUEUE] .. '|retrying', -1) end
  free(item[4], id)
end

for i = 1, #items do
  local id, item, rec = ids[i], items[i], decode(packed[i])
  if rec and item[9] ~= '' and redis.sha1hex(packed[i]) == item[9] then rec = nil end
  if seen[id] or not packed[i] and redis.call('HEXISTS', DATA, id) == 0 then codes[i] = 1
  elseif not rec then codes[i] = 0
  elseif rec[STATE] == ACTIVE then codes[i] = 2
  elseif item[2] ~= 0 and rec[STATE] ~= item[2] then codes[i] = 3
  else codes[i] = is_known(item, rec) and 0 or 3 end
  if codes[i] == 0 then
    gone[#gone + 1], recs[#gone + 1], leaving[#gone + 1] = id, rec or false, item
    seen[id] = true
  end
end
if #gone > 0 then
  counts['retained_bytes'] = -forget(gone, recs, {KEYS[19], KEYS[20], KEYS[21], KEYS[22], KEYS[23], KEYS[25]})
  for i = 1, #gone do leave(gone[i], leaving[i], recs[i]) end
  exhume(dead, DLQ, GROUPS, counts)
  add(COUNTS, counts)
  redis.call('HINCRBY', STATS, ARGV[3], #gone)
  announce('deleted', ms, gone, '*')
end
return codes
