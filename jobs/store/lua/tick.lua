#!lua flags=allow-oom
-- Purpose: the reaper's sense of time. After a gap (outage, restart, clock step) all leases are re-dated once, in batches, before
--   anything is reaped; a deadline further ahead than a lease is cut.
-- KEYS: core (10), leader, active, reaper
-- ARGV: offset, fencing token, period ms, lease ms, batch
-- Returns: -1 not the leader (any more), or: 1 leases may be reaped, 0 re-dating goes on
-- Complexity: O(batch log N). May arrive twice.
-- Uses: core, leads
if not leads() then return -1 end
local ACTIVE_INDEX, REAPER = KEYS[12], KEYS[13]
local ms = now()
local last, target = unpack(redis.call('HMGET', REAPER, 'last', 'target'))
if last and math.abs(ms - last) > 2 * ARGV[3] then target = text(ms + ARGV[4]) end
redis.call('HSET', REAPER, 'last', text(ms))

local function redate(from, to, deadline)
  local ids, entries = redis.call('ZRANGE', ACTIVE_INDEX, from, to, 'BYSCORE', 'LIMIT', 0, ARGV[5]), {}
  for i = 1, #ids do entries[#entries + 1] = deadline; entries[#entries + 1] = ids[i] end
  if #ids > 0 then redis.call('ZADD', ACTIVE_INDEX, 'XX', unpack(entries)) end
  return #ids
end

redate('(' .. text(ms + ARGV[4]), '+inf', text(ms + ARGV[4]))
if not target then return 1 end
if redate('-inf', '(' .. target, target) > 0 then
  redis.call('HSET', REAPER, 'target', target)
  return 0
end
redis.call('HDEL', REAPER, 'target')
return 1
