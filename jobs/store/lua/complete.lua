#!lua flags=allow-oom
-- Purpose: records completions, exactly once each, and trims what retention no longer keeps.
-- KEYS: core (10), reply, active, completed, result, history, progress, log, expiring, tagged, then deduplication keys
-- ARGV: offset, number, reply ttl ms, most completed kept, most bytes kept, items (msgpack), then results
--   an item: id, token, started ms after the claim, duration ms, ARGV index of its result (0 = none), dedup KEYS index (0 = none)
-- Returns: a code an item: 0 recorded, 1 lease lost
-- Complexity: O(items log N), trimming at most twice the items
-- Uses: core, figures, replay, settle, dedup, histogram, tags, forget
local COMPLETED_INDEX, RESULT, HISTORY, PROGRESS, LOG, EXPIRING, TAGGED = unpack(KEYS, 13, 19)
local kept = answered()
if kept then return kept end
local ms, us = now()
local items = cmsgpack.unpack(ARGV[6])
local recs, holding = held(items)

local figures, leases, records, entries, results, counts, series, types = {}, {}, {}, {}, {}, {}, {}, {}
local codes, announced, bytes = {}, {}, 0
local stamp = holding > 0 and reserve(us, holding)
local forgotten, forgotten_recs = {}, {}
for i = 1, #items do
  local item, rec = items[i], recs[i]
  codes[i] = rec and OK or LEASE_LOST
  if rec then
    local id, queue, result = item[1], rec[QUEUE], ARGV[item[5]] or ''
    local waited = rec[CLAIMED] - (rec[READY] > 0 and rec[READY] or rec[CREATED_AT])
    if waited < 0 then waited = 0 end
    rec[STATE], rec[STARTED], rec[DURATION], rec[FINISHED], rec[ORDER] = COMPLETED, item[3], item[4], ms, stamp
    stamp = stamp + 1
    rec[SIZE] = rec[SIZE] + #result
    leases[#leases + 1] = id
    bump(counts, queue .. '|active', -1)
    bump(series, queue .. '|completed')
    bump(series, queue .. '|ms', item[4])
    bump(series, queue .. '|w' .. text(bucket(waited + item[3])))
    bump(series, queue .. '|p' .. text(bucket(item[4])))
    bump(types, rec[TYPE] .. '|completed')
    bump(types, rec[TYPE] .. '|ms', item[4])
    local tally, latency = figures_of(figures, rec[TYPE]), math.max(0, ms - rec[CREATED_AT])
    measure(tally, 'c', item[4])
    measure(tally, 'l', latency)
    bump(tally, 'latency_ms', latency)
    announced[#announced + 1] = id
    bytes = bytes + rec[SIZE]
    if rec[RETENTION] == 0 then
      forgotten[#forgotten + 1] = id; forgotten_recs[#forgotten_recs + 1] = rec
    else
      if rec[RETENTION] > 0 then redis.call('ZADD', EXPIRING, text(ms + rec[RETENTION]), id) end
      if #result > 0 then results[#results + 1] = id; results[#results + 1] = result end
      entries[#entries + 1] = text(rec[ORDER]); entries[#entries + 1] = id
      records[#records + 1] = id; records[#records + 1] = cmsgpack.pack(rec)
    end
  end
end
if #leases > 0 then
  local keys, dropped, freed = {RESULT, HISTORY, PROGRESS, LOG, EXPIRING, TAGGED}, #forgotten, 0
  if #results > 0 then redis.call('HSET', RESULT, unpack(results)) end
  if #records > 0 then
    redis.call('ZADD', COMPLETED_INDEX, unpack(entries)) -- if this or the results cannot be written, they are still active
    redis.call('HSET', META, unpack(records))
  end
  if dropped > 0 then freed = forget(forgotten, forgotten_recs, keys) end
  redis.call('ZREM', ACTIVE_INDEX, unpack(leases)) -- only now that they stand elsewhere, or are gone
  for i = 1, #items do
    if recs[i] then free(items[i][6], items[i][1]) end
  end
  counts['retained_bytes'] = bytes - freed
  add(COUNTS, counts)
  add(TYPES, types)
  add_figures(figures)
  redis.call('HINCRBY', STATS, 'completed', #leases)
  record_series(ms, series)
  announce('completed', ms, announced, '*')

  local excess = redis.call('ZCARD', COMPLETED_INDEX) - ARGV[4]
  local overweight = tonumber(redis.call('HGET', COUNTS, 'retained_bytes') or 0) - ARGV[5]
  local most = overweight > 0 and 2 * #leases or math.min(excess, 2 * #leases)
  local oldest = most > 0 and redis.call('ZRANGE', COMPLETED_INDEX, 0, most - 1) or {}
  if #oldest > 0 then
    local packed, old, old_recs = redis.call('HMGET', META, unpack(oldest)), {}, {}
    for i = 1, #oldest do
      if excess <= 0 and overweight <= 0 then break end
      local rec = decode(packed[i]) or false
      old[i], old_recs[i] = oldest[i], rec
      excess, overweight = excess - 1, overweight - (rec and rec[SIZE] or 0)
    end
    count('retained_bytes', -forget(old, old_recs, keys))
    redis.call('ZREM', COMPLETED_INDEX, unpack(old))
    dropped = dropped + #old
  end
  if dropped > 0 then redis.call('HINCRBY', STATS, 'pruned', dropped) end
end
return answer(codes)
