-- The job that owns the deduplication key at a KEYS index (0 = none), and its record; one that is gone owns nothing.
local function holder_of(index)
  local holder = index > 0 and redis.call('GET', KEYS[index])
  local packed = holder and redis.call('HGET', META, holder)
  if packed then return holder, packed end
end

-- Gives the key to a job until the job is over, or until it lapses if the job said so; one that has lapsed stays free.
local function take(index, id, held_until, ms)
  if index == 0 then return end
  if held_until == 0 then redis.call('SET', KEYS[index], id)
  elseif held_until > ms then redis.call('SET', KEYS[index], id, 'PX', text(held_until - ms)) end
end

-- Frees a deduplication key if this job still owns it.
local function free(index, id)
  -- A key of another type is not this job's, and must not stop what has ended it.
  if index > 0 and redis.pcall('GET', KEYS[index]) == id then redis.call('DEL', KEYS[index]) end
end
