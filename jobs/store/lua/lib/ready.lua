-- Makes a waiting job claimable with a new position, by entries that write_ready writes: record after record in `records`, and
-- positions by index in `lines`. The caller takes it out of its old index when they are written.
local function make_ready(id, rec, ready, stamp, index, records, lines)
  rec[STATE], rec[READY], rec[POSITION] = PENDING, ready, stamp
  records[#records + 1] = id; records[#records + 1] = cmsgpack.pack(rec)
  local line = lines[index] or {}
  lines[index] = line
  line[#line + 1] = text(stamp); line[#line + 1] = id
end

local function write_ready(records, lines)
  for index, line in pairs(lines) do redis.call('ZADD', index, unpack(line)) end
  if #records > 0 then redis.call('HSET', META, unpack(records)) end
end

local line_kinds = {}

-- Whether a line can be written: an index stands there, or nothing yet.
local function takes(line)
  line_kinds[line] = line_kinds[line] or redis.call('TYPE', line).ok
  return line_kinds[line] == 'zset' or line_kinds[line] == 'none'
end

-- Moves scheduled and retrying jobs to their queues. KEYS[12..16]: scheduled, retrying, paused queues, paused types, held.
-- An item: id, KEYS index of its priority index (wake is the next), its queue. `due_by`: only what is due then, nil = all.
local function ready_all(items, ms, us, due_by)
  local scheduled, retrying, paused, types, held = unpack(KEYS, 12, 16)
  local ids, codes, counts, tokens, moved, seen, records, lines, series = {}, {}, {}, {}, {}, {}, {}, {}, {}
  local left = {[scheduled] = {}, [retrying] = {}}
  for i = 1, #items do ids[i] = items[i][1] end
  local packed = redis.call('HMGET', META, unpack(ids))
  local sorts = redis.call('HEXISTS', paused, SOME_TYPE) == 1
  for i = 1, #items do
    local id, rec = ids[i], decode(packed[i])
    local waits = rec and (rec[STATE] == SCHEDULED or rec[STATE] == RETRYING)
    if not rec then codes[i] = 1
    elseif not waits or due_by and rec[READY] > due_by then codes[i] = 2
    elseif rec[QUEUE] ~= items[i][3] or seen[id] then codes[i] = 3
    elseif not takes(KEYS[items[i][2]]) or sorts and not takes(held .. rec[TYPE]) then codes[i] = 6
    else
      seen[id] = true
      local leaving = left[rec[STATE] == SCHEDULED and scheduled or retrying]
      leaving[#leaving + 1] = id
      bump(counts, rec[QUEUE] .. (rec[STATE] == SCHEDULED and '|scheduled' or '|retrying'), -1)
      local stamp = reserve(us, 1)
      local index = sorts and apart(types, held, rec[TYPE], stamp)
      make_ready(id, rec, math.min(rec[READY], ms), stamp, index or KEYS[items[i][2]], records, lines)
      bump(index and counts or series, rec[QUEUE] .. (index and '|held' or '|ready'))
      if not index and redis.call('HEXISTS', paused, rec[QUEUE]) == 0 then bump(tokens, KEYS[items[i][2] + 1]) end
      codes[i] = 0
      moved[#moved + 1] = id
    end
  end
  write_ready(records, lines)
  for index, leaving in pairs(left) do -- only now that they stand elsewhere
    if #leaving > 0 then redis.call('ZREM', index, unpack(leaving)) end
  end
  add(COUNTS, counts)
  for list, jobs in pairs(tokens) do wake(list, jobs) end
  record_series(ms, series)
  announce('pending', ms, moved, '*')
  return codes
end
