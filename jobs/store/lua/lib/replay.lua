-- A request may arrive twice (its reply was lost). The last answer of each worker's channel is kept:
-- KEYS[11] is the channel's key, ARGV[2] the request number, ARGV[3] how long to keep the answer in ms.
local REPLY = KEYS[11]

local function answered()
  local kept = unpacked(redis.call('GET', REPLY), {})
  if kept[1] == ARGV[2] then return kept[2] end
  return nil
end

local function answer(value)
  redis.call('SET', REPLY, cmsgpack.pack({ARGV[2], value}), 'PX', ARGV[3])
  return value
end
