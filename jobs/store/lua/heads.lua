#!lua flags=no-writes
-- Purpose: the first bytes of some envelopes, so that lists need not carry large payloads over the wire.
-- KEYS: data
-- ARGV: bytes wanted of each, ids
-- Returns: (length, first bytes) an id, flat; length -1 where there is none
-- Complexity: O(bytes of the envelopes); the caller keeps them below 2 MiB
local reply = {}
for i = 2, #ARGV do
  local body = redis.call('HGET', KEYS[1], ARGV[i])
  reply[#reply + 1] = body and #body or -1
  reply[#reply + 1] = body and string.sub(body, 1, tonumber(ARGV[1])) or ''
end
return reply
