#!lua flags=no-writes
-- Purpose: how long some lines are, and who is first in each, without a command a line over the wire.
-- KEYS: sorted sets, at most 300
-- Returns: (size, first member) a set, flat; '' where there is none
-- Complexity: O(sets log N)
local reply = {}
for i = 1, #KEYS do
  local size = redis.call('ZCARD', KEYS[i])
  reply[#reply + 1] = size
  reply[#reply + 1] = size > 0 and redis.call('ZRANGE', KEYS[i], 0, 0)[1] or ''
end
return reply
