-- The group of an error: count now, first seen, last seen, sample id, sample summary, types; nil where there is none.
local function group_at(groups, fingerprint)
  local group = unpacked(redis.call('HGET', groups, fingerprint), nil)
  if group and type(group[1]) == 'number' and type(group[6]) == 'table' then return group end
  return nil
end

-- Puts a job into the dead-letter queue and its error group. Counts the move; the caller writes the record.
local function bury(id, rec, ms, stamp, dlq, groups, by_type, by_error)
  rec[STATE], rec[FINISHED], rec[ORDER] = DEAD, ms, stamp
  local group = group_at(groups, rec[FINGERPRINT]) or {0, ms, ms, id, rec[ERROR], {}}
  redis.call('ZADD', dlq, text(stamp), id)
  redis.pcall('ZADD', by_type, text(stamp), id) -- lost without it is a way to find the job, not the job
  redis.pcall('ZADD', by_error, text(stamp), id)
  group[1], group[3], group[4], group[5] = group[1] + 1, ms, id, rec[ERROR]
  local known = false
  for i = 1, #group[6] do known = known or group[6][i] == rec[TYPE] end
  if not known and #group[6] < 20 then group[6][#group[6] + 1] = rec[TYPE] end
  redis.call('HSET', groups, rec[FINGERPRINT], cmsgpack.pack(group))
  count(rec[QUEUE] .. '|dead', 1)
  redis.call('HINCRBY', STATS, 'dead', 1)
end

-- Takes jobs that are gone, or stand elsewhere by now, out of the dead-letter queue and their groups; an empty group goes. One of
-- `dead`: id, queue and fingerprint that it had, the keys of its type's and its error's index. Each index and each group is
-- written once; `counts` is for the caller to add.
local function exhume(dead, dlq, groups, counts)
  local lines, left = {}, {}
  for i = 1, #dead do
    local id, queue, fingerprint = unpack(dead[i], 1, 3)
    for _, index in ipairs({dlq, dead[i][4], dead[i][5]}) do
      local line = lines[index] or {}
      lines[index] = line
      line[#line + 1] = id
    end
    bump(left, fingerprint)
    bump(counts, queue .. '|dead', -1)
  end
  for index, ids in pairs(lines) do redis.pcall('ZREM', index, unpack(ids)) end
  for fingerprint, jobs in pairs(left) do
    local group = group_at(groups, fingerprint)
    if group and group[1] > jobs then
      group[1] = group[1] - jobs
      redis.call('HSET', groups, fingerprint, cmsgpack.pack(group))
    elseif group then redis.call('HDEL', groups, fingerprint) end
  end
end
