#!lua flags=no-writes
-- Purpose: reads everything the store holds of some jobs at one instant, for the auditor.
-- KEYS: core (10), active, scheduled, retrying, completed, cancelled, dlq, then (high, normal, low) a queue
-- ARGV: offset, queue names (msgpack), ids (msgpack, at most 200)
-- Returns: an entry a job: record, 1 = has a body, creation score ('' = none), the places it stands in: KEYS indexes
-- Complexity: O(jobs log N)
-- Uses: core
local names, ids, at = cmsgpack.unpack(ARGV[2]), cmsgpack.unpack(ARGV[3]), {}
for i = 1, #names do at[names[i]] = 17 + (i - 1) * 3 end
local reply = {}
for i = 1, #ids do
  local id = ids[i]
  local packed = redis.call('HGET', META, id)
  local rec = decode(packed)
  local places = {}
  for index = 11, 16 do
    if redis.call('ZSCORE', KEYS[index], id) then places[#places + 1] = index end
  end
  local first = rec and at[rec[QUEUE]]
  for index = first or 1, first and first + 2 or 0 do
    if redis.call('ZSCORE', KEYS[index], id) then places[#places + 1] = index end
  end
  reply[i] = {packed or '', redis.call('HEXISTS', DATA, id), redis.call('ZSCORE', CREATED, id) or '', places}
end
return reply
