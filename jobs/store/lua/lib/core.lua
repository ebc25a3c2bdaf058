-- The keys and helpers that every transition uses. KEYS[1..10] and ARGV[1] are the same in all of them.
local META, DATA, STAMP, CREATED, STATS, COUNTS, TYPES, BUCKET, EVENTS, CHANNEL = unpack(KEYS, 1, 10)

-- Numbers become text only here: tostring() would turn 1764000000000000 into 1.764e+15.
local function text(number)
  return string.format('%.0f', number)
end

-- Server time in ms and us. ARGV[1] is an offset in ms: 0 outside tests.
local function now()
  local time = redis.call('TIME')
  local ms = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
  return ms, ms * 1000 + time[2] % 1000
end

-- Reserves `n` stamps and returns the first: unique, rising, close to server time in us.
local function reserve(us, n)
  local last = tonumber(redis.call('GET', STAMP)) or 0
  local first = us > last and us or last + 1
  redis.call('SET', STAMP, text(first + n - 1))
  return first
end

-- The table in a msgpack blob, or `otherwise`: foreign bytes must never stop a transition half-way.
local function unpacked(packed, otherwise)
  if not packed then return otherwise end
  local ok, value = pcall(cmsgpack.unpack, packed)
  if ok and type(value) == 'table' then return value end
  return otherwise
end

-- Fails unless the blob is a record. One written before a field existed gets the field's default.
local function record_of(packed)
  local rec = cmsgpack.unpack(packed)
  if rec[FIELDS] == nil then complete_record(rec) end
  return well_formed(rec) and rec or nil
end

-- A record as a table, or nil when it is missing or not a record.
local function decode(packed)
  if not packed then return nil end
  local ok, rec = pcall(record_of, packed)
  return ok and rec or nil
end

local function count(field, by)
  if by ~= 0 then redis.call('HINCRBY', COUNTS, field, text(by)) end
end

-- Adds `tally` (field -> number) to the hash at `key`.
local function add(key, tally)
  for field, by in pairs(tally) do
    if by ~= 0 then redis.call('HINCRBY', key, field, text(by)) end
  end
end

local function bump(tally, field, by)
  tally[field] = (tally[field] or 0) + (by or 1)
end

-- Ten-second bucket of the time series; kept for two hours.
local function record_series(ms, tally)
  if next(tally) == nil then return end
  local key = BUCKET .. text(math.floor(ms / 10000))
  for field, by in pairs(tally) do -- a field that is new may mean that its bucket is
    if by ~= 0 and redis.call('HINCRBY', key, field, text(by)) == by then redis.call('PEXPIRE', key, 7200000) end
  end
end

-- What happened to the jobs of a script, in one message. Ids, names and types need no escaping.
local function message_of(event, ms, ids, queue)
  return '{"event":"' .. event .. '","at":' .. text(ms) .. ',"queue":"' .. queue .. '","ids":["' .. table.concat(ids, '","') .. '"]}'
end

-- Tells those who listen, and nobody later: for what the creation index shows anyway.
local function hint(event, ms, ids, queue)
  if #ids > 0 then redis.call('PUBLISH', CHANNEL, message_of(event, ms, ids, queue)) end
end

-- Tells those who listen, and keeps it in the capped stream.
local function announce(event, ms, ids, queue)
  if #ids == 0 then return end
  local message = message_of(event, ms, ids, queue)
  redis.call('XADD', EVENTS, 'MAXLEN', '~', 10000, '*', 'e', message)
  redis.call('PUBLISH', CHANNEL, message)
end
