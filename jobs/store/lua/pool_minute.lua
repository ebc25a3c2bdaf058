#!lua flags=allow-oom
-- Purpose: keeps what happened to a pool in one minute, at its place in the day. What is there stays.
-- KEYS: leader, the pool's day
-- ARGV: fencing token, place of the minute in the day (bytes from 0), record (opaque), size of a day (bytes),
--   time to live of the day ms
-- Returns: -1 not the leader (any more), 0 this minute is there already, 1 kept
-- Complexity: O(1); O(size of a day) for its first minute. May arrive twice.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local from, record, size = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
-- The last byte first: a string that grows gets room to grow more, and would take twice the memory.
if redis.call('STRLEN', KEYS[2]) < size then redis.call('SETRANGE', KEYS[2], size - 1, '\0') end
if redis.call('GETRANGE', KEYS[2], from, from + #record - 1) ~= ('\0'):rep(#record) then return 0 end
redis.call('SETRANGE', KEYS[2], from, record)
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1
