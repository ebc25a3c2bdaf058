#!lua flags=no-writes
-- Purpose: how many entries of some indexes have a score from one edge (included) to the next.
-- KEYS: indexes
-- ARGV: edges, rising
-- Returns: for each index a list of counts, one less than there are edges
-- Complexity: O(indexes * edges * log N)
local ends = {}
for at = 2, #ARGV do ends[at - 1] = '(' .. ARGV[at] end
local reply = {}
for i = 1, #KEYS do
  local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')[2]
  local counts = {}
  for at = 1, #ends do
    -- Nothing is in a step that ends before the first entry.
    counts[at] = first and tonumber(first) < tonumber(ARGV[at + 1]) and redis.call('ZCOUNT', KEYS[i], ARGV[at], ends[at]) or 0
  end
  reply[i] = counts
end
return reply
