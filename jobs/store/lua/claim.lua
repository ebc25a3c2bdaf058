#!lua flags=allow-oom
-- Purpose: moves pending jobs into a worker's lease, by queue and priority weights, FIFO inside a priority.
-- KEYS: core (10), reply, active, turns, dlq, paused, paused types, held, then (high, normal, low, wake) a queue
-- ARGV: offset, number, reply ttl ms, token, worker, lease ms, most jobs (0 = only pass the wake-up on), most bytes,
--   weight high, normal, low, then (name, weight) a queue
-- Returns: now, ids, records, envelopes
-- Complexity: O(jobs log N + queues); while a type is paused, at most 200 of its jobs are put apart besides, each of them once
-- Uses: core, replay, wake, apart, ready, sift
local ACTIVE_INDEX, TURNS, DLQ, PAUSED, PAUSED_TYPES, HELD = unpack(KEYS, 12, 17)
local ms, us = now()

local function hand_over(ids, records)
  if #ids == 0 then return {text(ms), {}, {}, {}} end
  return {text(ms), ids, records, redis.call('HMGET', DATA, unpack(ids))}
end

-- The answer that was lost, without what was taken from this worker since.
local function hand_over_again(ids)
  local held, records = {}, {}
  local packed = #ids > 0 and redis.call('HMGET', META, unpack(ids)) or {}
  for i = 1, #ids do
    local rec = decode(packed[i])
    if rec and rec[STATE] == ACTIVE and rec[TOKEN] == ARGV[4] then
      held[#held + 1] = ids[i]; records[#records + 1] = packed[i]
    end
  end
  return hand_over(held, records)
end

local kept = answered()
if kept then return hand_over_again(kept) end

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

-- The credits of high, normal, low and of the queue itself.
local function turn_of(packed)
  local turn = unpacked(packed, {})
  for i = 1, 4 do
    if type(turn[i]) ~= 'number' then return {0, 0, 0, 0} end
  end
  return turn
end

local names, queue_weights, first_key = {}, {}, 18
for i = 12, #ARGV, 2 do
  names[#names + 1] = ARGV[i]
  queue_weights[#queue_weights + 1] = tonumber(ARGV[i + 1])
end
local paused = redis.call('HMGET', PAUSED, SOME_TYPE, unpack(names)) -- that of a queue stands one behind its name
local turns = redis.call('HMGET', TURNS, unpack(names))
local want, most = tonumber(ARGV[7]), tonumber(ARGV[8])
local weights = {tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])}
local sizes, totals = {}, {}
for q = 1, #names do
  local at, size = first_key + (q - 1) * 4, {0, 0, 0}
  if not paused[q + 1] then
    for p = 1, 3 do
      local there = redis.pcall('ZCARD', KEYS[at + p - 1]) -- one of another type must not stop the other queues
      size[p] = type(there) == 'number' and there or 0
    end
  end
  sizes[q], totals[q] = size, size[1] + size[2] + size[3]
end

-- Whose turn it is for `n` jobs: how many a queue, how many a priority of each queue, the priorities of each queue in order,
-- the queues in order, and the credits afterwards. The plan for fewer jobs is the beginning of the plan for more.
local function plan(n)
  local credits, after, parts, lines = {}, {}, {}, {}
  for q = 1, #names do
    after[q] = turn_of(turns[q])
    credits[q] = after[q][4]
  end
  local takes, order = share(totals, queue_weights, credits, n)
  for q = 1, #names do
    if takes[q] > 0 then parts[q], lines[q] = share(sizes[q], weights, after[q], takes[q]) end
    after[q][4] = credits[q]
  end
  return takes, parts, lines, order, after
end

local takes, parts, lines, order, after = plan(want)
local stock, known, tally, behind = {}, {}, {}, {} -- `stock`: what was taken out of a line already, by its KEYS index

if paused[1] then
  -- What is no hash has to fail before anything leaves its line.
  redis.call('HLEN', META)
  redis.call('HLEN', PAUSED_TYPES)

  -- Has as many jobs at hand of each line of a queue as the plan takes, and corrects the line's size. Returns how many were put
  -- apart, and whether the plan has to be made anew.
  local function stock_up(q, room)
    local went, changed = 0, false
    for p = 1, 3 do
      local at, n = first_key + (q - 1) * 4 + p - 1, takes[q] > 0 and parts[q][p] or 0
      stock[at] = stock[at] or {}
      local gone = sift(stock[at], KEYS[at], n, room - went, PAUSED_TYPES, HELD, known, tally)
      local size, at_hand = sizes[q][p] - gone, #stock[at] / 2
      if at_hand < n and at_hand < size then
        -- No wake-up is passed on where a next claim would get no further.
        size, behind[q] = at_hand, behind[q] or gone > 0 or went == room
      end
      went, changed = went + gone, changed or size ~= sizes[q][p]
      totals[q] = totals[q] + size - sizes[q][p]
      sizes[q][p] = size
    end
    return went, changed
  end

  local went, changed = 0, want > 0
  while changed do
    changed = false
    for q = 1, #names do
      local gone, other = stock_up(q, MOST_SIFTED - went)
      went, changed = went + gone, changed or other
    end
    if changed then takes, parts, lines, order, after = plan(math.min(want, 250 - went)) end
  end
  for q = 1, #names do
    for p = 1, 3 do -- what is at hand beyond the plan goes back
      local at = first_key + (q - 1) * 4 + p - 1
      local n = takes[q] > 0 and parts[q][p] or 0
      for i = 2 * n + 1, #(stock[at] or {}), 2 do redis.call('ZADD', KEYS[at], stock[at][i + 1], stock[at][i]) end
    end
  end
end

local heads, picked, ids = {}, {}, {}
for i = 1, #order do
  local q = order[i]
  local at = first_key + (q - 1) * 4 - 1
  if not heads[q] then
    heads[q] = {next = 1}
    for p = 1, 3 do
      heads[q][p] = {at = 1, ids = stock[at + p] or parts[q][p] > 0 and redis.call('ZPOPMIN', KEYS[at + p], parts[q][p]) or {}}
    end
  end
  local p = lines[q][heads[q].next]
  local head = heads[q][p]
  ids[i] = head.ids[head.at]
  picked[i] = {KEYS[at + p], head.ids[head.at + 1]}
  heads[q].next, head.at = heads[q].next + 1, head.at + 2
end

-- Puts some of what was picked back into its line.
local function put_back(from, to)
  for i = from, to do redis.call('ZADD', picked[i][1], picked[i][2], ids[i]) end
end

-- Out of the workers' way, where a person finds it.
local function set_aside(id)
  redis.call('ZADD', DLQ, text(reserve(us, 1)), id)
  redis.call('HINCRBY', STATS, 'unreadable', 1)
end

local claimed, handed, bytes, cut, strays = {}, {}, 0, nil, {}
if #ids > 0 then
  local packed = paused[1] and {} or redis.pcall('HMGET', META, unpack(ids))
  if packed.err then -- no records, no claim: all go back
    put_back(1, #ids)
    return packed
  end
  local records, leases = {}, {}
  local deadline = text(ms + ARGV[6])
  for i = 1, #ids do
    local id, rec = ids[i], nil
    if paused[1] then packed[i], rec = unpack(known[id], 1, 2) end
    rec = not cut and (rec or decode(packed[i]))
    if rec and rec[STATE] == PENDING and bytes + rec[SIZE] > most and #claimed > 0 then cut = i end
    if cut then put_back(i, i)
    elseif rec and rec[STATE] == PENDING then
      bytes = bytes + rec[SIZE]
      rec[STATE] = ACTIVE
      rec[ATTEMPTS] = rec[ATTEMPTS] + 1
      rec[EXECUTIONS] = rec[EXECUTIONS] + 1
      rec[TOKEN], rec[WORKER], rec[CLAIMED] = ARGV[4], ARGV[5], ms
      rec[STARTED], rec[DURATION] = 0, 0
      claimed[#claimed + 1] = id
      handed[#handed + 1] = cmsgpack.pack(rec)
      records[#records + 1] = id; records[#records + 1] = handed[#handed]
      leases[#leases + 1] = deadline; leases[#leases + 1] = id
      bump(tally, rec[QUEUE] .. '|active')
    elseif packed[i] and not rec then strays[#strays + 1] = i end
  end
  if #claimed > 0 then
    local leased = redis.pcall('ZADD', ACTIVE_INDEX, unpack(leases))
    if type(leased) == 'table' then -- no lease, no claim: all go back
      put_back(1, #ids)
      return leased
    end
    redis.call('HSET', META, unpack(records))
  end
  for _, i in ipairs(strays) do
    if not pcall(set_aside, ids[i]) then put_back(i, i) end
  end
  if #claimed > 0 then redis.call('HINCRBY', STATS, 'claimed', #claimed) end
  if cut then takes, parts, lines, order, after = plan(cut - 1) end -- what was put back has not had its turn
  local entries = {}
  for q = 1, #names do
    if totals[q] > 0 then entries[#entries + 1] = names[q]; entries[#entries + 1] = cmsgpack.pack(after[q]) end
    if #entries == 900 or q == #names and #entries > 0 then
      redis.call('HSET', TURNS, unpack(entries))
      entries = {}
    end
  end
end

add(COUNTS, tally)
for q = 1, #names do
  local list = KEYS[first_key + (q - 1) * 4 + 3]
  if totals[q] - takes[q] > 0 or behind[q] then
    if redis.pcall('LLEN', list) == 0 then wake(list, 1) end
  elseif want > 0 and takes[q] == 0 then
    redis.call('DEL', list)
  end
end
answer(claimed)
return hand_over(claimed, handed)
