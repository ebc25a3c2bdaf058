-- Forgets who sent no heartbeat for `silence` ms: in `beats`, and in further hashes, what each says of itself.
local function forget_silent(ms, silence, beats, ...)
  local silent = redis.call('ZRANGE', beats, '-inf', text(ms - silence), 'BYSCORE', 'LIMIT', 0, 500)
  if #silent > 0 then
    for _, facts in ipairs({...}) do redis.call('HDEL', facts, unpack(silent)) end
    redis.call('ZREM', beats, unpack(silent))
  end
  -- After the server's clock was set back: a heartbeat of the future counts as one of just now, and another has to follow.
  for _, id in ipairs(redis.call('ZRANGE', beats, '(' .. text(ms), '+inf', 'BYSCORE', 'LIMIT', 0, 500)) do
    redis.call('ZADD', beats, text(ms), id)
  end
end
