#!lua flags=no-writes
-- Purpose: reads an index upwards, a page at a time, with the records; entries of one score follow each other by id.
-- KEYS: index, metadata
-- ARGV: score and id of the entry to go on after ('' = from the start), highest score wanted ('' = no limit), most entries
-- Returns: ids, scores, records
-- Complexity: O(entries + log N), and O(log N) for each halving of the entries that share the score
local index, score, after, up_to, most = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

-- Lua compares strings by locale, an index by bytes.
local function follows(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x > y end
  end
  return #a > #b
end

local from = 0
if score ~= '' then
  from = redis.call('ZCOUNT', index, '-inf', '(' .. score)
  local to = redis.call('ZCOUNT', index, '-inf', score)
  while from < to do
    local middle = math.floor((from + to) / 2)
    if follows(redis.call('ZRANGE', index, middle, middle)[1], after) then to = middle else from = middle + 1 end
  end
end
local found, ids, scores = redis.call('ZRANGE', index, from, from + most - 1, 'WITHSCORES'), {}, {}
for i = 1, #found, 2 do
  if up_to and tonumber(found[i + 1]) > up_to then break end
  ids[#ids + 1] = found[i]
  scores[#scores + 1] = found[i + 1]
end
return {ids, scores, #ids > 0 and redis.call('HMGET', KEYS[2], unpack(ids)) or {}}
