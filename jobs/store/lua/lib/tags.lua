-- The index of tags, where one is kept: TAGGED .. tag holds the jobs with a tag by when they were made. A record names the
-- tags under which its job stands there, and no others, so that whoever removes the job finds them, whatever the setting is.

-- Enters jobs under their tags: `entries` maps a tag to (stamp, id) pairs, flat, at most 250 of them. An index that is none
-- does not take the jobs with it.
local function enter_tags(prefix, entries)
  for tag, pairs_of_tag in pairs(entries) do redis.pcall('ZADD', prefix .. tag, unpack(pairs_of_tag)) end
end

-- Notes in `entries` that a job with this stamp stands under its tags.
local function note_tags(entries, id, tags, stamp)
  for i = 1, #tags do
    local line = entries[tags[i]] or {}
    entries[tags[i]] = line
    line[#line + 1] = stamp; line[#line + 1] = id
  end
end

-- The tags in an envelope, an array that begins with payload, time-out, backoff, tags. cmsgpack knows no bins, as the payload is.
local function tags_in(envelope)
  local width, size = ({[196] = 1, [197] = 2, [198] = 4})[string.byte(envelope, 2)], 0
  for i = 3, 2 + width do size = size * 256 + string.byte(envelope, i) end
  local _, _, tags = cmsgpack.unpack(string.sub(envelope, 3 + width + size))
  return are_tags(tags) and tags or nil
end

-- The tags under which a job may stand: those in its record, or those it was made with where that cannot be read.
local function tags_of(id, rec)
  if rec then return rec[TAGS] end
  local ok, tags = pcall(tags_in, redis.call('HGET', DATA, id) or '')
  return ok and tags or nil
end

-- Takes jobs out of the index; `recs` as in forget.
local function leave_tags(prefix, ids, recs)
  local gone = {}
  for i = 1, #ids do
    local tags = tags_of(ids[i], recs[i])
    for k = 1, tags and #tags or 0 do
      local line = gone[tags[k]] or {}
      gone[tags[k]] = line
      line[#line + 1] = ids[i]
    end
  end
  for tag, line in pairs(gone) do redis.pcall('ZREM', prefix .. tag, unpack(line)) end
end

-- Lets a job stand under other tags, if it is in the index or should be. The caller writes the record.
local function retag(index, prefix, id, rec, tags)
  if not rec[TAGS] and redis.call('EXISTS', index) == 0 then return end
  leave_tags(prefix, {id}, {rec})
  local stamp, entries = redis.call('ZSCORE', CREATED, id), {}
  rec[TAGS] = stamp and #tags > 0 and tags or nil
  if rec[TAGS] then note_tags(entries, id, tags, stamp) end
  enter_tags(prefix, entries)
end
