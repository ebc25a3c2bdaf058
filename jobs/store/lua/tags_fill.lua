#!lua flags=allow-oom
-- Purpose: enters jobs that were made before the index of tags was kept, and says how far back it reaches now.
-- KEYS: core (10), leader, tag index, tagged
-- ARGV: offset, fencing token, stamp from which on it was whole, stamp from which on it is whole now, items (msgpack, at most 250):
--   id, version of the envelope that was read, its tags
-- Returns: -1 not the leader (any more), 0 it is kept otherwise by now: begin again, 1 done
-- Complexity: O(items log N). May arrive twice: the second finds it kept otherwise.
-- Uses: core, leads, tags
if not leads() then return -1 end
if redis.call('GET', KEYS[12]) ~= ARGV[3] then return 0 end
local items, ids, entries, records = cmsgpack.unpack(ARGV[5]), {}, {}, {}
for i = 1, #items do ids[i] = items[i][1] end
local packed = #ids > 0 and redis.call('HMGET', META, unpack(ids)) or {}
for i = 1, #ids do
  local id, rec, stamp = ids[i], decode(packed[i]), redis.call('ZSCORE', CREATED, ids[i])
  if rec and stamp and not rec[TAGS] and rec[VERSION] == items[i][2] then
    rec[TAGS] = items[i][3]
    note_tags(entries, id, rec[TAGS], stamp)
    records[#records + 1] = id; records[#records + 1] = cmsgpack.pack(rec)
  end
end
if #records > 0 then redis.call('HSET', META, unpack(records)) end
enter_tags(KEYS[13], entries)
redis.call('SET', KEYS[12], ARGV[4])
return 1
