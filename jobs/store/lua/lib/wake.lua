-- Wake-up is a token, not a broadcast: each one lets one idle worker claim. At most 64 wait in a list.
local function wake(list, jobs)
  local room = 64 - redis.call('LLEN', list)
  if jobs < room then room = jobs end
  if room > 0 then
    local tokens = {}
    for i = 1, room do tokens[i] = 1 end
    redis.call('RPUSH', list, unpack(tokens))
  end
end
