-- Moves held jobs to `scheduled` without spending the attempt. `note(rec, item)` changes the record and names the counter.
-- The including script has scheduled, cancelled, history, expiring and the timer channel as KEYS[13..17].
local function put_off(items, recs, ms, us, note)
  local scheduled_index, cancelled_index, history, expiring, timer = unpack(KEYS, 13, 17)
  local codes, counts, moved, cancelled, soonest, name = {}, {}, {}, {}, nil, nil
  local executions, scheduled, records, ids = {}, {}, {}, {}
  for i = 1, #items do
    local item, rec = items[i], recs[i]
    codes[i] = LEASE_LOST
    if rec then
      local id = item[1]
      rec[SIZE] = rec[SIZE] + remember(history, id, item[4], executions)
      bump(counts, rec[QUEUE] .. '|active', -1)
      if rec[CANCELLING] == 1 then
        cancel_held(id, rec, ms, reserve(us, 1), cancelled_index, expiring, item[5])
        codes[i] = CANCELLED_INSTEAD
        cancelled[#cancelled + 1] = id
      else
        name = note(rec, item)
        rec[STATE], rec[ATTEMPTS], rec[READY] = SCHEDULED, rec[ATTEMPTS] - 1, ms + item[3]
        scheduled[#scheduled + 1] = text(rec[READY]); scheduled[#scheduled + 1] = id
        bump(counts, rec[QUEUE] .. '|scheduled')
        if not soonest or rec[READY] < soonest then soonest = rec[READY] end
        codes[i] = OK
        moved[#moved + 1] = id
      end
      records[#records + 1] = id; records[#records + 1] = cmsgpack.pack(rec)
      ids[#ids + 1] = id
    end
  end
  leave_active(history, executions, #scheduled > 0 and {[scheduled_index] = scheduled} or {}, records, ids)
  add(COUNTS, counts)
  if soonest then redis.call('PUBLISH', timer, text(soonest)) end
  if name then
    redis.call('HINCRBY', STATS, name, #moved)
    announce(name, ms, moved, '*')
  end
  announce('cancelled', ms, cancelled, '*')
  return codes
end
