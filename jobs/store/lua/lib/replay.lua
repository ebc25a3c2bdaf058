-- A request may arrive twice (its reply was lost). The last answer of each worker's channel is kept:
-- KEYS[11] is the channel's key, ARGV[2] the request number, ARGV[3] how long to keep the answer in ms.
local REPLY = KEYS[11]

local function answered()
  local kept = redis.call('GET', REPLY)
  if not kept then return nil end
  local number, answer = cmsgpack.unpack(kept)
  if number == ARGV[2] then return answer end
  return nil
end

local function answer(value)
  redis.call('SET', REPLY, cmsgpack.pack(ARGV[2], value), 'PX', ARGV[3])
  return value
end
