#!lua flags=allow-oom
-- Purpose: moves pending jobs into a worker's lease, by queue and priority weights, FIFO inside a priority.
-- KEYS: core (10), reply, active, paused, turns, dlq, then (high, normal, low, wake) a queue
-- ARGV: offset, number, reply ttl ms, token, worker, lease ms, most jobs (0 = only pass the wake-up on), most bytes,
--   weight high, normal, low, then (name, weight) a queue
-- Returns: now, ids, records, envelopes
-- Complexity: O(jobs log N + queues)
-- Uses: core, replay, wake
local ACTIVE_INDEX, PAUSED, TURNS, DLQ = unpack(KEYS, 12, 15)
local ms, us = now()

local function hand_over(ids)
  if #ids == 0 then return {text(ms), {}, {}, {}} end
  return {text(ms), ids, redis.call('HMGET', META, unpack(ids)), redis.call('HMGET', DATA, unpack(ids))}
end

local kept = answered()
if kept then return hand_over(kept) end

-- Smooth weighted round-robin over `counts` jobs a class: how many to take of each, and in what order.
local function share(counts, weights, turn, want)
  local take, order = {}, {}
  for i = 1, #counts do take[i] = 0 end
  while #order < want do
    local best, total = nil, 0
    for i = 1, #counts do
      if counts[i] > take[i] and weights[i] > 0 then
        turn[i] = turn[i] + weights[i]
        total = total + weights[i]
        if not best or turn[i] > turn[best] then best = i end
      end
    end
    if best then
      turn[best] = turn[best] - total
    else -- only classes of weight 0 are left
      for i = 1, #counts do
        if counts[i] > take[i] then best = i; break end
      end
      if not best then break end
    end
    take[best] = take[best] + 1
    order[#order + 1] = best
  end
  return take, order
end

local names, queue_weights, first_key = {}, {}, 16
for i = 12, #ARGV, 2 do
  names[#names + 1] = ARGV[i]
  queue_weights[#queue_weights + 1] = tonumber(ARGV[i + 1])
end
local paused = redis.call('HMGET', PAUSED, unpack(names))
local turns = redis.call('HMGET', TURNS, unpack(names))
local sizes, totals, states, queue_turn = {}, {}, {}, {}
for q = 1, #names do
  local at = first_key + (q - 1) * 4
  local size = {0, 0, 0}
  if not paused[q] then
    for p = 1, 3 do size[p] = redis.call('ZCARD', KEYS[at + p - 1]) end
  end
  sizes[q], totals[q] = size, size[1] + size[2] + size[3]
  local turn = turns[q] and cmsgpack.unpack(turns[q]) or {0, 0, 0, 0}
  queue_turn[q], states[q] = turn[4], turn
end

local want = tonumber(ARGV[7])
local weights = {tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])}
local takes, order = share(totals, queue_weights, queue_turn, want)
local popped = {}
for q = 1, #names do
  popped[q] = {}
  if takes[q] > 0 then
    local at = first_key + (q - 1) * 4
    local turn = states[q]
    local take, inside = share(sizes[q], weights, turn, takes[q])
    turn[4] = queue_turn[q]
    redis.call('HSET', TURNS, names[q], cmsgpack.pack(turn))
    local heads = {}
    for p = 1, 3 do
      heads[p] = {at = 1, ids = take[p] > 0 and redis.call('ZPOPMIN', KEYS[at + p - 1], take[p]) or {}}
    end
    for i = 1, #inside do
      local head = heads[inside[i]]
      popped[q][i] = {head.ids[head.at], KEYS[at + inside[i] - 1], head.ids[head.at + 1]}
      head.at = head.at + 2
    end
  end
end

local picked, ids, next_of = {}, {}, {}
for i = 1, #order do
  local q = order[i]
  next_of[q] = (next_of[q] or 0) + 1
  picked[i] = popped[q][next_of[q]]
  ids[i] = picked[i][1]
end
local claimed, bytes, most, tally = {}, 0, tonumber(ARGV[8]), {}
if #ids > 0 then
  local packed = redis.call('HMGET', META, unpack(ids))
  local records, leases = {}, {}
  local deadline = text(ms + ARGV[6])
  for i = 1, #ids do
    local id, rec = ids[i], decode(packed[i])
    if rec and rec[STATE] == PENDING then
      bytes = bytes + rec[SIZE]
      if bytes > most and #claimed > 0 then
        redis.call('ZADD', picked[i][2], picked[i][3], id)
        takes[order[i]] = takes[order[i]] - 1
      else
        rec[STATE] = ACTIVE
        rec[ATTEMPTS] = rec[ATTEMPTS] + 1
        rec[EXECUTIONS] = rec[EXECUTIONS] + 1
        rec[TOKEN], rec[WORKER], rec[CLAIMED] = ARGV[4], ARGV[5], ms
        rec[STARTED], rec[DURATION] = 0, 0
        claimed[#claimed + 1] = id
        records[#records + 1] = id; records[#records + 1] = cmsgpack.pack(rec)
        leases[#leases + 1] = deadline; leases[#leases + 1] = id
        bump(tally, rec[QUEUE] .. '|active')
      end
    elseif packed[i] and not rec then -- unreadable: out of the workers' way, where a person finds it
      redis.call('ZADD', DLQ, text(reserve(us, 1)), id)
      redis.call('HINCRBY', STATS, 'unreadable', 1)
    end
  end
  if #claimed > 0 then
    redis.call('HSET', META, unpack(records))
    redis.call('ZADD', ACTIVE_INDEX, unpack(leases))
    add(COUNTS, tally)
  end
end

for q = 1, #names do
  local list = KEYS[first_key + (q - 1) * 4 + 3]
  if totals[q] - takes[q] > 0 then
    if redis.call('LLEN', list) == 0 then wake(list, 1) end
  elseif want > 0 and takes[q] == 0 then
    redis.call('DEL', list)
  end
end
answer(claimed)
return hand_over(claimed)
