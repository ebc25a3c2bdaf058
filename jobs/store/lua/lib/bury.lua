-- The group of an error: count now, first seen, last seen, sample id, sample summary, types; nil where there is none.
local function group_at(groups, fingerprint)
  local group = unpacked(redis.call('HGET', groups, fingerprint), nil)
  if group and type(group[1]) == 'number' and type(group[6]) == 'table' then return group end
  return nil
end

-- Puts a job into the dead-letter queue and its error group. Counts the move; the caller writes the record.
local function bury(id, rec, ms, stamp, dlq, groups, by_type, by_error)
  rec[STATE], rec[FINISHED], rec[ORDER] = DEAD, ms, stamp
  redis.call('ZADD', dlq, text(stamp), id)
  redis.call('ZADD', by_type, text(stamp), id)
  redis.call('ZADD', by_error, text(stamp), id)
  local group = group_at(groups, rec[FINGERPRINT]) or {0, ms, ms, id, rec[ERROR], {}}
  group[1], group[3], group[4], group[5] = group[1] + 1, ms, id, rec[ERROR]
  local known = false
  for i = 1, #group[6] do known = known or group[6][i] == rec[TYPE] end
  if not known and #group[6] < 20 then group[6][#group[6] + 1] = rec[TYPE] end
  redis.call('HSET', groups, rec[FINGERPRINT], cmsgpack.pack(group))
  count(rec[QUEUE] .. '|dead', 1)
  redis.call('HINCRBY', STATS, 'dead', 1)
end

-- Takes a job out of the dead-letter queue and its group; an empty group goes.
local function exhume(id, rec, dlq, groups, by_type, by_error)
  redis.call('ZREM', dlq, id)
  redis.call('ZREM', by_type, id)
  redis.call('ZREM', by_error, id)
  local group = group_at(groups, rec[FINGERPRINT])
  if group then
    group[1] = group[1] - 1
    if group[1] <= 0 then redis.call('HDEL', groups, rec[FINGERPRINT])
    else redis.call('HSET', groups, rec[FINGERPRINT], cmsgpack.pack(group)) end
  end
  count(rec[QUEUE] .. '|dead', -1)
end
