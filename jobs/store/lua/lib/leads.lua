-- Leadership fails closed: KEYS[11] holds the fencing token of the leader in office, ARGV[2] is the caller's; '' asks for no check.
local function leads()
  return ARGV[2] == '' or redis.call('GET', KEYS[11]) == ARGV[2]
end
