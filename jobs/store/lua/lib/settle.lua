-- What every way out of `active` shares. Items come as one msgpack array: {id, token, ...}.
local ACTIVE_INDEX = KEYS[12]
-- What a settle script answers an item: see SettleCode in codes.py.
local OK, LEASE_LOST, EXHAUSTED, CANCELLED_INSTEAD = 0, 1, 2, 3

-- Reads the records of `items`; false where the job is gone, not held by the item's token, or named before in the batch;
-- and how many are held.
local function held(items)
  local ids, seen = {}, {}
  for i = 1, #items do ids[i] = items[i][1] end
  if #ids == 0 then return {}, 0 end
  local packed, recs, holding = redis.call('HMGET', META, unpack(ids)), {}, 0
  for i = 1, #ids do
    local rec = decode(packed[i])
    recs[i] = rec and rec[STATE] == ACTIVE and rec[TOKEN] == items[i][2] and not seen[ids[i]] and rec or false
    if recs[i] then holding = holding + 1 end
    seen[ids[i]] = true
  end
  return recs, holding
end

-- Writes what a script has noted of the jobs that leave `active`, each hash and index once: executions, entries by index, records
-- (each as pairs, flat) and ids. They leave only when they stand elsewhere.
local function leave_active(history, executions, lines, records, ids)
  if #executions > 0 then redis.call('HSET', history, unpack(executions)) end
  for index, line in pairs(lines) do redis.call('ZADD', index, unpack(line)) end
  if #ids > 0 then
    redis.call('HSET', META, unpack(records))
    redis.call('ZREM', ACTIVE_INDEX, unpack(ids))
  end
end
