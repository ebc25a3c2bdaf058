-- Ends a job as cancelled. The caller writes the record, and only then takes the job out of its old index.
local function cancel_held(id, rec, ms, stamp, cancelled, expiring, dedup)
  rec[STATE], rec[FINISHED], rec[ORDER] = CANCELLED, ms, stamp
  redis.call('ZADD', cancelled, text(stamp), id)
  if rec[RETENTION] >= 0 then redis.call('ZADD', expiring, text(ms + rec[RETENTION]), id) end
  count('retained_bytes', rec[SIZE])
  redis.call('HINCRBY', STATS, 'cancelled', 1)
  free(dedup, id)
end
