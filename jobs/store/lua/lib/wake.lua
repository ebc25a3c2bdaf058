-- Wake-up is a token, not a broadcast: each one lets one idle worker claim. At most 64 wait in a list.
-- A list that is something else wakes nobody: workers look by themselves every second or two.
local function wake(list, jobs)
  local waiting = redis.pcall('LLEN', list)
  if type(waiting) ~= 'number' then return end
  local room = 64 - waiting
  if jobs < room then room = jobs end
  if room > 0 then
    local tokens = {}
    for i = 1, room do tokens[i] = 1 end
    redis.call('RPUSH', list, unpack(tokens))
  end
end
