#!lua flags=allow-oom
-- Purpose: ends claimed jobs as cancelled because their handler gave them up, or a cancel reached them while they ran.
-- KEYS: core (10), reply, active, cancelled, history, expiring, then dedup keys by index
-- ARGV: offset, number, reply ttl ms, items (msgpack)
--   an item: id, token, started ms, duration ms, reason, execution, dedup KEYS index (0 = none)
-- Returns: a code an item: 0 cancelled, 1 lease lost
-- Complexity: O(items log N)
-- Uses: core, replay, settle, dedup, history, cancel
local CANCELLED_INDEX, HISTORY, EXPIRING = unpack(KEYS, 13, 15)
local kept = answered()
if kept then return kept end
local ms, us = now()
local items = cmsgpack.unpack(ARGV[4])
local recs = held(items)
local codes, counts, cancelled, executions, records = {}, {}, {}, {}, {}
for i = 1, #items do
  local item, rec = items[i], recs[i]
  codes[i] = rec and OK or LEASE_LOST
  if rec then
    local id = item[1]
    rec[STARTED], rec[DURATION], rec[ERROR] = item[3], item[4], item[5]
    rec[SIZE] = rec[SIZE] + remember(HISTORY, id, item[6], executions)
    bump(counts, rec[QUEUE] .. '|active', -1)
    cancel_held(id, rec, ms, reserve(us, 1), CANCELLED_INDEX, EXPIRING, item[7])
    records[#records + 1] = id; records[#records + 1] = cmsgpack.pack(rec)
    cancelled[#cancelled + 1] = id
  end
end
leave_active(HISTORY, executions, {}, records, cancelled)
add(COUNTS, counts)
announce('cancelled', ms, cancelled, '*')
return answer(codes)
