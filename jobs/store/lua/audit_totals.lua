#!lua flags=no-writes
-- Purpose: reads all counters and the sizes they speak of at one instant, for the auditor.
-- KEYS: core (10), scheduled, retrying, active, completed, cancelled, dlq, groups
-- ARGV: offset
-- Returns: totals (pairs), gauges (pairs), groups (pairs), the last stamp, sizes of: metadata, creation index, then the six indexes
-- Complexity: O(queues + error groups)
-- Uses: core
local sizes = {redis.call('HLEN', META), redis.call('ZCARD', CREATED)}
for index = 11, 16 do sizes[#sizes + 1] = redis.call('ZCARD', KEYS[index]) end
return {
  redis.call('HGETALL', STATS), redis.call('HGETALL', COUNTS), redis.call('HGETALL', KEYS[17]), redis.call('GET', STAMP) or '0', sizes,
}
