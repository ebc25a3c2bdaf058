-- What a failed and a lost execution have in common: another attempt later, or the dead-letter queue.
-- The including script has retrying, dlq, cancelled, history, expiring, groups and the timer channel as KEYS[13..19].
local function fail_held(items, recs, ms, us)
  local RETRYING_INDEX, DLQ, CANCELLED_INDEX, HISTORY, EXPIRING, GROUPS, TIMER = unpack(KEYS, 13, 19)
  local codes, counts, series, types, figures, soonest = {}, {}, {}, {}, {}, nil
  local executions, retrying, records, ids = {}, {}, {}, {}
  local events = {retrying = {}, dead = {}, cancelled = {}}
  for i = 1, #items do
    local item, rec = items[i], recs[i]
    codes[i] = LEASE_LOST
    if rec then
      local id, queue = item[1], rec[QUEUE]
      local waited = rec[CLAIMED] - (rec[READY] > 0 and rec[READY] or rec[CREATED_AT])
      rec[STARTED], rec[DURATION], rec[ERROR], rec[FINGERPRINT] = item[3], item[4], item[5], item[6]
      rec[UNKNOWN_SINCE] = 0
      rec[SIZE] = rec[SIZE] + remember(HISTORY, id, item[7], executions)
      bump(counts, queue .. '|active', -1)
      bump(series, queue .. '|failed')
      bump(series, queue .. '|w' .. text(bucket(math.max(0, waited) + item[3])))
      bump(series, queue .. '|p' .. text(bucket(item[4])))
      bump(types, rec[TYPE] .. '|failed')
      local tally = figures_of(figures, rec[TYPE])
      measure(tally, 'f', item[4])
      bump(tally, 'failed_ms', math.max(0, item[4]))
      if rec[CANCELLING] == 1 then
        cancel_held(id, rec, ms, reserve(us, 1), CANCELLED_INDEX, EXPIRING, item[10])
        codes[i] = CANCELLED_INSTEAD
        events.cancelled[#events.cancelled + 1] = id
      elseif item[9] == 0 and rec[ATTEMPTS] <= rec[MAX_RETRIES] then
        rec[STATE], rec[READY] = RETRYING, ms + item[8]
        retrying[#retrying + 1] = text(rec[READY]); retrying[#retrying + 1] = id
        bump(counts, queue .. '|retrying')
        if not soonest or rec[READY] < soonest then soonest = rec[READY] end
        codes[i] = OK
        events.retrying[#events.retrying + 1] = id
      else
        bury(id, rec, ms, reserve(us, 1), DLQ, GROUPS, KEYS[item[11]], KEYS[item[12]])
        bump(series, queue .. '|dead')
        codes[i] = EXHAUSTED
        events.dead[#events.dead + 1] = id
      end
      records[#records + 1] = id; records[#records + 1] = cmsgpack.pack(rec)
      ids[#ids + 1] = id
    end
  end
  leave_active(HISTORY, executions, #retrying > 0 and {[RETRYING_INDEX] = retrying} or {}, records, ids)
  for i = 1, #items do
    if codes[i] == EXHAUSTED then free(items[i][10], items[i][1]) end
  end
  if #ids > 0 then redis.call('HINCRBY', STATS, 'failed', #ids) end
  add(COUNTS, counts)
  add(TYPES, types)
  add_figures(figures)
  record_series(ms, series)
  if soonest then
    redis.call('HINCRBY', STATS, 'retrying', #events.retrying)
    redis.call('PUBLISH', TIMER, text(soonest))
  end
  for event, ids in pairs(events) do announce(event, ms, ids, '*') end
  return codes
end
