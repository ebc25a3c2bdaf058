#!lua
-- Purpose: makes new jobs, pending or scheduled, once each however often the request arrives.
-- KEYS: core (10), scheduled, queues, paused, paused types, held, timer channel, marker, tag index, tagged, then (high, normal, low, wake) a queue, then deduplication keys
-- ARGV: offset, most queues, marker digest ('' = none), marker ttl ms, 1 = remember the answer also when it refuses every job,
--   queue names (msgpack), jobs (msgpack), then an envelope a job
--   a job: id, type, queue index, priority, due ms, delay ms, max retries, retention ms, dedup key, dedup KEYS index, dedup ttl ms, tags (if any)
-- Returns: now, a code a job, details: code 0 made (detail: its record, for a lone job with a marker, else ''), 1 duplicate
--   (detail: the holder's id and record), 2 there already (detail: its record; '' for one of this call)
--   or -1 the marker has another digest, -2 too many queues, -3 no jobs were given, to ask for what is remembered, and nothing is
-- Complexity: O(jobs log N)
-- Uses: core, record, dedup, wake, apart, tags
local SCHEDULED_INDEX, QUEUES, PAUSED, PAUSED_TYPES, HELD, TIMER, MARKER, TAG_INDEX, TAGGED = unpack(KEYS, 11, 19)
local names, jobs = cmsgpack.unpack(ARGV[6]), cmsgpack.unpack(ARGV[7])
local ms, us = now()

if ARGV[3] ~= '' then
  local kept = unpacked(redis.call('GET', MARKER), nil)
  if kept then
    if kept[1] ~= ARGV[3] then return -1 end
    return kept[2]
  end
end
if #jobs == 0 then return -3 end
local fresh = {}
local registered = redis.call('HMGET', QUEUES, unpack(names))
for i = 1, #names do
  if not registered[i] then fresh[#fresh + 1] = names[i] end
end
if #fresh > 0 and redis.call('HLEN', QUEUES) + #fresh > tonumber(ARGV[2]) then return -2 end

local ids = {}
for i = 1, #jobs do ids[i] = jobs[i][1] end
local present = redis.call('HMGET', META, unpack(ids))
local paused = redis.call('HMGET', PAUSED, SOME_TYPE, unpack(names)) -- that of a queue stands one behind its name
local codes, details, seen, held, made, refused = {}, {}, {}, {}, {}, 0
for i = 1, #jobs do
  local job = jobs[i]
  local id, key = job[1], job[9]
  codes[i], details[i] = 0, ''
  if present[i] then
    codes[i], details[i] = 2, present[i]
  elseif seen[id] then
    codes[i], details[i] = 2, ''
  elseif key ~= '' then
    if not held[key] then
      local holder, packed = holder_of(job[10])
      if holder then held[key] = {holder, packed} end
    end
    if held[key] then codes[i], details[i], refused = 1, held[key], refused + 1 else held[key] = {id, ''} end
  end
  if codes[i] == 0 then seen[id] = true; made[#made + 1] = i end
end

local reply = {text(ms), codes, details}
if #made > 0 then
  local stamp = reserve(us, #made)
  local envelopes, records, created, counts, series, tokens, pending = {}, {}, {}, {}, {}, {}, {}
  local scheduled, announced, soonest = {}, {}, nil
  local tagged, keeps_tags = {}, nil
  for n = 1, #made do
    local job = jobs[made[n]]
    local id, queue, envelope = job[1], names[job[3]], ARGV[7 + made[n]]
    local due = job[5]
    if job[6] > 0 then due = ms + job[6] end
    local waits = due > ms
    local held_until = job[11] > 0 and ms + job[11] or 0
    local position = text(stamp + n - 1)
    if job[12] and keeps_tags == nil then keeps_tags = redis.call('EXISTS', TAG_INDEX) == 1 end
    local tags = keeps_tags and job[12] or nil
    if tags then note_tags(tagged, id, tags, position) end
    local rec = new_record(waits and SCHEDULED or PENDING, job[2], queue, job[4], ms, stamp + n - 1, waits and due or 0, job[7],
      job[9], job[8], #envelope, held_until, tags)
    envelopes[#envelopes + 1] = id; envelopes[#envelopes + 1] = envelope
    records[#records + 1] = id; records[#records + 1] = rec
    created[#created + 1] = position; created[#created + 1] = id
    if waits then
      scheduled[#scheduled + 1] = text(due); scheduled[#scheduled + 1] = id
      if not soonest or due < soonest then soonest = due end
      bump(counts, queue .. '|scheduled')
      bump(series, queue .. '|later')
    else
      local at = 20 + (job[3] - 1) * 4
      local aside = paused[1] and apart(PAUSED_TYPES, HELD, job[2], stamp + n - 1)
      local index = aside or KEYS[at + job[4] - 1]
      local entries = pending[index] or {}
      pending[index] = entries
      entries[#entries + 1] = position; entries[#entries + 1] = id
      if aside then
        bump(counts, queue .. '|held')
        bump(series, queue .. '|later')
      elseif not paused[job[3] + 1] then bump(tokens, KEYS[at + 3]) end
    end
    bump(series, queue .. '|in')
    announced[n] = id
    if ARGV[3] ~= '' and #jobs == 1 then details[1] = rec end
    if job[9] ~= '' then
      held[job[9]][2] = rec
      take(job[10], id, held_until, ms)
    end
  end
  -- The records last of all that may be of another type: what is refused must not be found made by a repeat.
  for index, entries in pairs(pending) do redis.call('ZADD', index, unpack(entries)) end
  local first = soonest and redis.call('ZRANGE', SCHEDULED_INDEX, 0, 0, 'WITHSCORES')
  if soonest then redis.call('ZADD', SCHEDULED_INDEX, unpack(scheduled)) end
  for i = 1, #fresh do redis.call('HSET', QUEUES, fresh[i], text(ms)) end
  redis.call('ZADD', CREATED, unpack(created))
  redis.call('HSET', DATA, unpack(envelopes))
  redis.call('HSET', META, unpack(records))
  enter_tags(TAGGED, tagged)
  add(COUNTS, counts)
  if soonest and (not first[2] or soonest < tonumber(first[2])) then redis.call('PUBLISH', TIMER, text(soonest)) end
  redis.call('HINCRBY', STATS, 'created', #made)
  record_series(ms, series)
  for list, jobs_made in pairs(tokens) do wake(list, jobs_made) end
  hint('enqueued', ms, announced, #names == 1 and names[1] or '*')
end
if ARGV[3] ~= '' and (refused < #jobs or ARGV[5] == '1') then
  redis.call('SET', MARKER, cmsgpack.pack({ARGV[3], reply}), 'PX', ARGV[4])
end
return reply
