-- Appends one opaque execution to the history; the last 20 stay. Returns the change in bytes.
local function remember(history, id, execution)
  if execution == '' then return 0 end
  local kept = redis.call('HGET', history, id)
  local list = unpacked(kept, {})
  list[#list + 1] = execution
  if #list > 20 then table.remove(list, 1) end
  local packed = cmsgpack.pack(list)
  redis.call('HSET', history, id, packed)
  return #packed - (kept and #kept or 0)
end
