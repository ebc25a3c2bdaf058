#!lua flags=allow-oom
-- Purpose: keeps what an Idempotency-Key led to first, for requests that are no enqueue.
-- KEYS: marker
-- ARGV: digest of the body, value, ttl ms
-- Returns: the value that was kept first, or -1 when the key was used for another body
-- Complexity: O(1). May arrive twice: the second finds what the first kept.
local packed = redis.call('GET', KEYS[1])
local ok, kept = pcall(cmsgpack.unpack, packed or '')
if packed and ok and type(kept) == 'table' then
  return kept[1] == ARGV[1] and type(kept[2]) == 'string' and kept[2] or -1
end
redis.call('SET', KEYS[1], cmsgpack.pack({ARGV[1], ARGV[2]}), 'PX', ARGV[3])
return ARGV[2]
