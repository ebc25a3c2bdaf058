#!lua
-- Purpose: the commonest enqueue in fewer steps: one pending job without deduplication key or marker, on a known queue.
-- KEYS: core (10), queues, paused, paused types, its priority index, wake; for a job with tags: tag index, tagged
-- ARGV: offset, queue, id, type, priority, max retries, retention ms, envelope, tags
-- Returns: now, or '' where it is another case or the job is there: nothing was written, and enqueue decides
-- Complexity: O(log N)
-- Uses: core, record, wake, apart
local QUEUES, PAUSED, PAUSED_TYPES, INDEX, WAKE = unpack(KEYS, 11, 15)
local queue, id, envelope = ARGV[2], ARGV[3], ARGV[8]
if redis.call('HEXISTS', META, id) == 1 or redis.call('HEXISTS', QUEUES, queue) == 0 then return '' end
local paused, some_type = unpack(redis.call('HMGET', PAUSED, queue, SOME_TYPE))
if some_type and redis.call('HEXISTS', PAUSED_TYPES, ARGV[4]) == 1 then return '' end
local ms, us = now()
local position = reserve(us, 1)
local stamp = text(position)
local tags = KEYS[16] and redis.call('EXISTS', KEYS[16]) == 1 and {unpack(ARGV, 9)} or nil
redis.call('ZADD', INDEX, stamp, id)
redis.call('ZADD', CREATED, stamp, id)
redis.call('HSET', DATA, id, envelope)
-- The record last: where a key is of another type, no repeat may find the job made.
redis.call('HSET', META, id, new_record(PENDING, ARGV[4], queue, tonumber(ARGV[5]), ms, position, 0, tonumber(ARGV[6]), '',
  tonumber(ARGV[7]), #envelope, 0, tags))
for i = 1, tags and #tags or 0 do redis.pcall('ZADD', KEYS[17] .. tags[i], stamp, id) end
redis.call('HINCRBY', STATS, 'created', 1)
record_series(ms, {[queue .. '|in'] = 1})
if not paused then wake(WAKE, 1) end
hint('enqueued', ms, {id}, queue)
return text(ms)
