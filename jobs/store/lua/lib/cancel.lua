-- Ends a job as cancelled; it has left its old index already. The caller writes the record unless nothing is kept.
local function cancel_held(id, rec, ms, stamp, cancelled, expiring, dedup)
  rec[STATE], rec[FINISHED], rec[ORDER] = CANCELLED, ms, stamp
  redis.call('ZADD', cancelled, text(stamp), id)
  if rec[RETENTION] >= 0 then redis.call('ZADD', expiring, text(ms + rec[RETENTION]), id) end
  count('retained_bytes', rec[SIZE])
  redis.call('HINCRBY', STATS, 'cancelled', 1)
  free(dedup, id)
end
