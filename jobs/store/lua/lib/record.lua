-- A new job's record. One that waits for its time has it in `ready`, else 0. `tags`: those it is indexed by, nil for none.
local function new_record(state, job_type, queue, priority, ms, position, ready, max_retries, key, retention, size, key_until, tags)
  return cmsgpack.pack({state, job_type, queue, priority, ms, position, ready, 0, max_retries, 0,
    0, 0, '', '', 0, 0, 0, 0, 0, key, retention, size, 0, 1, 0, '', '', key_until, tags})
end
