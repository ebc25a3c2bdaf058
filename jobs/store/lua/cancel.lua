#!lua flags=allow-oom
-- Purpose: ends waiting jobs as cancelled; asks the worker of an active one to end it.
-- KEYS: core (10), scheduled, retrying, cancelled, expiring, held, then by index: priority indexes, dedup keys, control lists
-- ARGV: offset, items (msgpack): id, KEYS index of its priority index, of its dedup key (0 = none), of its worker's control list (0 = none), reason, its queue
-- Returns: a code an item: 0 cancelled, 1 gone, 2 settled already, 3 it moved meanwhile: read it again, 5 active and asked for
-- Complexity: O(items log N). May arrive twice: the second finds it settled or asked for.
-- Uses: core, dedup, cancel, apart
local SCHEDULED_INDEX, RETRYING_INDEX, CANCELLED_INDEX, EXPIRING, HELD = unpack(KEYS, 11, 15)
local ms, us = now()
local items = cmsgpack.unpack(ARGV[2])
local ids, codes, cancelled, seen, counts = {}, {}, {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
local packed = redis.call('HMGET', META, unpack(ids))
for i = 1, #items do
  local id, item, rec = ids[i], items[i], decode(packed[i])
  if not rec then codes[i] = 1
  elseif rec[STATE] == ACTIVE then
    local asked = rec[CANCELLING] == 1
    rec[CANCELLING], codes[i] = 1, 5
    redis.call('HSET', META, id, cmsgpack.pack(rec))
    if item[4] > 0 and not asked then
      redis.call('RPUSH', KEYS[item[4]], 'cancel ' .. id)
      redis.call('PEXPIRE', KEYS[item[4]], 60000)
    end
  elseif rec[STATE] ~= PENDING and rec[STATE] ~= SCHEDULED and rec[STATE] ~= RETRYING then codes[i] = 2
  else
    if rec[QUEUE] ~= item[6] or seen[id] then codes[i] = 3
    else
      seen[id] = true
      local was = rec[STATE]
      rec[ERROR] = item[5]
      cancel_held(id, rec, ms, reserve(us, 1), CANCELLED_INDEX, EXPIRING, item[3])
      redis.call('HSET', META, id, cmsgpack.pack(rec))
      if was == PENDING then leave_line(id, rec, KEYS[item[2]], HELD, counts) -- only now that it stands elsewhere
      else
        redis.call('ZREM', was == SCHEDULED and SCHEDULED_INDEX or RETRYING_INDEX, id)
        bump(counts, rec[QUEUE] .. (was == SCHEDULED and '|scheduled' or '|retrying'), -1)
      end
      codes[i] = 0
      cancelled[#cancelled + 1] = id
    end
  end
end
add(COUNTS, counts)
announce('cancelled', ms, cancelled, '*')
return codes
