#!lua flags=allow-oom
-- Purpose: a worker answers a question that came as an order; whoever asked waits at the mailbox, but not for ever.
-- KEYS: mailbox
-- ARGV: answer (opaque), how long to keep it (ms)
-- Returns: 1
-- Complexity: O(1). May arrive twice: there is one answer.
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], ARGV[1])
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
