#!lua flags=allow-oom
-- Purpose: takes entries that no readable record explains out of an index, so that they stand in nobody's way. One with
--   an unreadable record goes where a person finds it, the DLQ, if it belongs to no settled state.
-- KEYS: core (10), leader, index, dlq
-- ARGV: offset, fencing token, 1 = to the DLQ, then an entry: id, SHA1 of its record as it was read (of '' where there was none)
-- Returns: -1 not the leader (any more), or how many entries went
-- Complexity: O(entries log N). May arrive twice: the second finds no entry.
-- Uses: core, leads
if not leads() then return -1 end
local INDEX, DLQ = KEYS[12], KEYS[13]
local gone = 0
local _, us = now()
for i = 4, #ARGV, 2 do
  local id = ARGV[i]
  local packed = redis.call('HGET', META, id) or ''
  if redis.sha1hex(packed) == ARGV[i + 1] and redis.call('ZSCORE', INDEX, id) then
    gone = gone + 1
    if packed ~= '' and ARGV[3] == '1' then
      -- No decoder takes this first byte: what one reader cannot read, no other may take for a job.
      if string.byte(packed) ~= 193 then redis.call('HSET', META, id, '\193' .. packed) end
      redis.call('ZADD', DLQ, text(reserve(us, 1)), id)
      redis.call('HINCRBY', STATS, 'unreadable', 1)
    end
    redis.call('ZREM', INDEX, id) -- only now that it stands elsewhere
  end
end
return gone
