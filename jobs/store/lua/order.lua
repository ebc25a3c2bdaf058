#!lua flags=allow-oom
-- Purpose: leaves an order for a worker; orders lapse together a minute after the last one.
-- KEYS: the worker's control list
-- ARGV: order, most orders that may wait
-- Returns: 1, or 0 when as many wait: the worker does not listen
-- Complexity: O(orders). May arrive twice: the worker obeys an order once.
local there = redis.call('LPOS', KEYS[1], ARGV[1])
if not there and redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('LREM', KEYS[1], 0, ARGV[1])
redis.call('RPUSH', KEYS[1], ARGV[1])
return redis.call('PEXPIRE', KEYS[1], 60000)
