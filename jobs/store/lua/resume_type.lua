#!lua flags=allow-oom
-- Purpose: lets held jobs of a paused type back into their queues, oldest first and at the place they had, and ends the pause
--   when none is held any more. Called again and again: what it has begun, any other caller can go on with.
-- KEYS: core (10), paused, paused types, held jobs of the type, dlq, then by index: (priority index, wake) pairs
-- ARGV: offset, type, 1 = begin (0: only go on with what somebody has begun), most jobs, lines (msgpack): queue, priority, KEYS index
--   of its priority index
-- Returns: 0 it is not paused (or nobody has begun to resume it), 1 it was resumed to the end, 2 there is more to do; jobs moved;
--   (queue, priority) pairs, flat, of lines that the next jobs need and that were not given
-- Complexity: O(jobs log N). May arrive twice: the second goes on.
-- Uses: core, wake, apart
local PAUSED, PAUSED_TYPES, HELD, DLQ = unpack(KEYS, 11, 14)
local mark = redis.call('HGET', PAUSED_TYPES, ARGV[2])
if not mark or ARGV[3] == '0' and string.sub(mark, 1, 3) == '-1 ' then return {0, 0, {}} end
local ms, us = now()
local given = {}
for _, line in ipairs(cmsgpack.unpack(ARGV[5])) do given[line[1] .. '|' .. line[2]] = line[3] end

local found = redis.call('ZRANGE', HELD, 0, ARGV[4] - 1, 'WITHSCORES')
local ids = {}
for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
local packed = #ids > 0 and redis.call('HMGET', META, unpack(ids))
local gone, entries, queues, counts, missing, wanted, series = {}, {}, {}, {}, {}, {}, {}
for i = 1, #ids do
  local rec = decode(packed[i])
  if rec and string.find(rec[QUEUE], '[\128-\255]') then rec = nil end -- no queue is called so
  local name = rec and rec[QUEUE] .. '|' .. rec[PRIORITY]
  if rec and not given[name] and not wanted[name] then
    wanted[name] = true
    missing[#missing + 1] = rec[QUEUE]; missing[#missing + 1] = rec[PRIORITY]
  end
  if #missing == 0 then
    gone[i] = ids[i]
    if rec and rec[STATE] == PENDING then
      local at = given[name]
      local line = entries[at] or {}
      entries[at], queues[at] = line, rec[QUEUE]
      line[#line + 1] = found[2 * i]; line[#line + 1] = ids[i]
      bump(counts, rec[QUEUE] .. '|held', -1)
      bump(series, rec[QUEUE] .. '|ready')
    elseif packed[i] and not rec then -- unreadable: out of the way, where a person finds it
      redis.call('ZADD', DLQ, text(reserve(us, 1)), ids[i])
      redis.call('HINCRBY', STATS, 'unreadable', 1)
    end
  end
end
for at, line in pairs(entries) do
  redis.call('ZADD', KEYS[at], unpack(line))
  if redis.call('HEXISTS', PAUSED, queues[at]) == 0 then wake(KEYS[at + 1], #line / 2) end
end
if #gone > 0 then redis.call('ZREM', HELD, unpack(gone)) end -- only now that they stand elsewhere
add(COUNTS, counts)
record_series(ms, series)

if redis.call('ZCARD', HELD) == 0 then
  redis.call('HDEL', PAUSED_TYPES, ARGV[2])
  if redis.call('HLEN', PAUSED_TYPES) == 0 then redis.call('HDEL', PAUSED, SOME_TYPE) end
  redis.call('PUBLISH', CHANNEL, '{"event":"type_resumed","at":' .. text(ms) .. ',"queue":"*","ids":[],"type":"' .. ARGV[2] .. '"}')
  return {1, #gone, {}}
end
local up_to = math.max(tonumber(string.match(mark, '^%S+')), 0, tonumber(found[2 * #gone]) or 0)
redis.call('HSET', PAUSED_TYPES, ARGV[2], text(up_to) .. ' ' .. string.match(mark, '%S+$'))
return {2, #gone, missing}
