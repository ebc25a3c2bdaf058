-- What handlers measure: a hash a job type of at most 50 series, forgotten a week after the last report of the type.
-- A measure: KEYS index of its type's hash, series, 1 = added to what is there (else it takes its place), value as text.
-- Counts what finds no room, and `lost` that the worker had none for.
local function keep_measures(measures, lost)
  for i = 1, #measures do
    local key, series, adds, value = KEYS[measures[i][1]], unpack(measures[i], 2, 4)
    local fits = redis.call('HEXISTS', key, series) == 1 or redis.call('HLEN', key) < 50
    local written = fits and redis.pcall(adds == 1 and 'HINCRBYFLOAT' or 'HSET', key, series, value)
    if not written or type(written) == 'table' and written.err then lost = lost + 1 end -- the sum may be no finite number
    redis.call('PEXPIRE', key, 604800000)
  end
  if lost > 0 then redis.call('HINCRBY', STATS, 'measures_dropped', text(lost)) end
end
