#!lua flags=allow-oom
-- Purpose: appends closed buckets to the rings of history, each once: a cursor moves with them.
-- KEYS: leader, cursors, the counters that the buckets are made from and that go now (or unused), then a ring an item
-- ARGV: fencing token, resolution, cursor expected, cursor after, most buckets a ring keeps, time to live of a ring ms,
--   of those counters ms, then items (opaque)
-- Returns: -1 not the leader (any more), 0 the cursor stands elsewhere: nothing was written, 1 appended
-- Complexity: O(items). May arrive twice.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
if (redis.call('HGET', KEYS[2], ARGV[2]) or '') ~= ARGV[3] then return 0 end
for i = 4, #KEYS do
  if redis.call('RPUSH', KEYS[i], ARGV[i + 4]) > tonumber(ARGV[5]) then redis.call('LTRIM', KEYS[i], -ARGV[5], -1) end
  redis.call('PEXPIRE', KEYS[i], ARGV[6])
end
redis.call('PEXPIRE', KEYS[3], ARGV[7], 'LT')
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return 1
