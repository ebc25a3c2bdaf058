#!lua flags=allow-oom
-- Purpose: gives claimed jobs back unfinished (drain, recycle, not started in time): free of charge, a limited number of times.
-- KEYS: core (10), reply, active, cancelled, history, expiring, paused, paused types, held, then by index: (priority index, wake) and dedup keys
-- ARGV: offset, number, reply ttl ms, most free releases, items (msgpack)
--   an item: id, token, execution ('' = it never started), KEYS index of its priority index (wake is the next), of the dedup key (0 = none)
-- Returns: a code an item: 0 pending, 1 lease lost, 2 nothing written: free releases and attempts are used up, 3 cancelled
-- Complexity: O(items log N)
-- Uses: core, replay, settle, dedup, history, cancel, wake, apart
local CANCELLED_INDEX, HISTORY, EXPIRING, PAUSED, PAUSED_TYPES, HELD = unpack(KEYS, 13, 18)
local kept = answered()
if kept then return kept end
local ms, us = now()
local items = cmsgpack.unpack(ARGV[5])
local recs = held(items)
local sorts = redis.call('HEXISTS', PAUSED, SOME_TYPE) == 1
local codes, counts, tokens, released, cancelled = {}, {}, {}, {}, {}
local executions, lines, records, ids = {}, {}, {}, {}
for i = 1, #items do
  local item, rec = items[i], recs[i]
  codes[i] = LEASE_LOST
  if rec then
    local id = item[1]
    local free_of_charge = rec[RELEASES] < tonumber(ARGV[4])
    if rec[CANCELLING] == 0 and not free_of_charge and rec[ATTEMPTS] > rec[MAX_RETRIES] then
      codes[i] = EXHAUSTED
    else
      rec[SIZE] = rec[SIZE] + remember(HISTORY, id, item[3], executions)
      bump(counts, rec[QUEUE] .. '|active', -1)
      if rec[CANCELLING] == 1 then
        cancel_held(id, rec, ms, reserve(us, 1), CANCELLED_INDEX, EXPIRING, item[5])
        codes[i] = CANCELLED_INSTEAD
        cancelled[#cancelled + 1] = id
      else
        if free_of_charge then rec[ATTEMPTS] = rec[ATTEMPTS] - 1 end
        rec[STATE], rec[RELEASES] = PENDING, rec[RELEASES] + 1
        local index = sorts and apart(PAUSED_TYPES, HELD, rec[TYPE], rec[POSITION])
        local line = lines[index or KEYS[item[4]]] or {}
        lines[index or KEYS[item[4]]] = line
        line[#line + 1] = text(rec[POSITION]); line[#line + 1] = id
        if index then bump(counts, rec[QUEUE] .. '|held')
        elseif redis.call('HEXISTS', PAUSED, rec[QUEUE]) == 0 then bump(tokens, KEYS[item[4] + 1]) end
        codes[i] = OK
        released[#released + 1] = id
      end
      records[#records + 1] = id; records[#records + 1] = cmsgpack.pack(rec)
      ids[#ids + 1] = id
    end
  end
end
leave_active(HISTORY, executions, lines, records, ids)
add(COUNTS, counts)
if #released > 0 then redis.call('HINCRBY', STATS, 'released', #released) end
for list, jobs in pairs(tokens) do wake(list, jobs) end
announce('released', ms, released, '*')
announce('cancelled', ms, cancelled, '*')
return answer(codes)
