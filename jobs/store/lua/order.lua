#!lua flags=allow-oom
-- Purpose: leaves an order for a worker; orders lapse together a minute after the last one.
-- KEYS: the worker's control list
-- ARGV: order
-- Returns: 1
-- Complexity: O(1). May arrive twice: the worker obeys an order once.
redis.call('LREM', KEYS[1], 0, ARGV[1])
redis.call('RPUSH', KEYS[1], ARGV[1])
return redis.call('PEXPIRE', KEYS[1], 60000)
