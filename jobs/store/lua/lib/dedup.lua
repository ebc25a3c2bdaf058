-- Frees a deduplication key if this job still owns it.
local function free(index, id)
  if index > 0 and redis.call('GET', KEYS[index]) == id then redis.call('DEL', KEYS[index]) end
end
