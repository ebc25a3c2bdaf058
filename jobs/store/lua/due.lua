#!lua flags=no-writes
-- Purpose: reads the jobs of an index (scheduled, retrying, active) whose score has passed.
-- KEYS: core (10), index
-- ARGV: offset, most jobs, how many due ones to pass over
-- Returns: now, ids, scores, records, the first score that has not passed ('' = none)
-- Complexity: O(jobs + passed over + log N)
-- Uses: core
local ms = now()
local found = redis.call('ZRANGE', KEYS[11], '-inf', text(ms), 'BYSCORE', 'LIMIT', ARGV[3], ARGV[2], 'WITHSCORES')
local ids, scores = {}, {}
for i = 1, #found, 2 do ids[#ids + 1] = found[i]; scores[#scores + 1] = found[i + 1] end
local nextup = redis.call('ZRANGE', KEYS[11], '(' .. text(ms), '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
return {text(ms), ids, scores, #ids > 0 and redis.call('HMGET', META, unpack(ids)) or {}, nextup[2] or ''}
