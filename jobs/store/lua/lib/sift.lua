-- A claim while some type is paused: jobs of such types that still stand in a queue are met once, and put where they wait apart.
local MOST_SIFTED = 200 -- jobs that one claim puts apart; what it may take besides makes 250
local SIFTED_AT_ONCE = 50
local stuck = 0 -- jobs of paused types that this claim met and cannot put apart, as the key of their type holds something else

-- Pops jobs of the line at `key` into `line`, (id, score) flat, until `n` are at hand that may run; their records go to `known`.
-- At most `room` of paused types are put apart and counted in `tally`; a line is looked at even without. Returns how many.
-- Those that cannot be put apart stay in their line; past MOST_SIFTED of them a claim looks no further.
local function sift(line, key, n, room, types, held, known, tally)
  local went, chunk, aside = 0, n - #line / 2, {}
  while #line < 2 * n do
    local popped, ids = redis.call('ZPOPMIN', key, chunk), {}
    for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
    local packed = #ids > 0 and redis.call('HMGET', META, unpack(ids))
    for i = 1, #ids do
      local rec = decode(packed[i])
      local index = rec and rec[STATE] == PENDING and apart(types, held, rec[TYPE], rec[POSITION])
      if index and not takes(index) then
        index, stuck = key, stuck + 1
      elseif index and went == room then index = key end -- it stays, for a later claim
      if index then
        local entries = aside[index] or {}
        aside[index] = entries
        entries[#entries + 1] = popped[2 * i]; entries[#entries + 1] = ids[i]
      else
        known[ids[i]] = {packed[i], rec}
        line[#line + 1] = ids[i]; line[#line + 1] = popped[2 * i]
      end
      if index and index ~= key then
        bump(tally, rec[QUEUE] .. '|held')
        went = went + 1
      end
    end
    if #ids < chunk or went == room or stuck >= MOST_SIFTED then break end
    chunk = went + stuck > 0 and SIFTED_AT_ONCE or n - #line / 2
  end
  for index, entries in pairs(aside) do redis.call('ZADD', index, unpack(entries)) end
  return went
end
