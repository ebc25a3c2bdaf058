-- A job of a paused type stays pending but waits apart from its queue, in HELD .. type by position, where no claim meets it.
-- A type that resumes lets its jobs back in order: those up to a position are in their queues again, later ones wait on.
-- Scripts get a run of keys for that: the paused queues, the paused types, the prefix of the indexes of held jobs.
local SOME_TYPE = '#types' -- the field among the paused queues that is there while any type is paused
local limits = {}

-- The index in which a pending job of this type and position waits apart; nil where its place is in its queue.
local function apart(types, held, job_type, position)
  local limit = limits[job_type]
  if limit == nil then
    limit = tonumber(string.match(redis.call('HGET', types, job_type) or '', '^%S+')) or false
    limits[job_type] = limit
  end
  return limit and position > limit and held .. job_type or nil
end

-- Takes a pending job out of its queue's index, or out of where it waits apart. It is in no index that is none.
local function leave_line(id, rec, index, held, counts)
  if redis.pcall('ZREM', index, id) == 0 and redis.pcall('ZREM', held .. rec[TYPE], id) == 1 then
    bump(counts, rec[QUEUE] .. '|held', -1)
  end
end
