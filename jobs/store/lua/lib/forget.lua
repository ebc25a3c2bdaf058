-- Removes every trace of jobs but their entries in the index of their state: those go afterwards, since one without a record can
-- mislead nobody, and a record without an entry is lost. `recs` are their records, false where unreadable.
-- `keys`: result, history, progress, log, expiring, prefix of the indexes of tags. At most 900 jobs. Returns the bytes that are free.
local function forget(ids, recs, keys)
  local freed, old = 0, {}
  leave_tags(keys[6], ids, recs)
  for i = 1, #ids do
    local rec = recs[i]
    if rec then
      if rec[STATE] == COMPLETED or rec[STATE] == CANCELLED then freed = freed + rec[SIZE] end
      for version = 1, rec[VERSION] - 1 do old[#old + 1] = ids[i] .. '#' .. text(version) end
    end
  end
  for from = 1, #ids, 900 do
    local last = math.min(from + 899, #ids)
    redis.call('HDEL', META, unpack(ids, from, last))
    redis.call('HDEL', DATA, unpack(ids, from, last))
    redis.call('ZREM', CREATED, unpack(ids, from, last))
    for k = 1, 4 do redis.pcall('HDEL', keys[k], unpack(ids, from, last)) end -- where one is none, nothing of the jobs is in it
    redis.pcall('ZREM', keys[5], unpack(ids, from, last))
  end
  for from = 1, #old, 900 do redis.call('HDEL', DATA, unpack(old, from, math.min(from + 899, #old))) end
  return freed
end
