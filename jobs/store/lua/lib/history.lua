-- Appends one opaque execution to a job's history; the last 20 stay. It is written by the caller, who writes `entries` of many
-- jobs, each once, into the hash. Returns the change in bytes.
local function remember(history, id, execution, entries)
  if execution == '' then return 0 end
  local kept = redis.call('HGET', history, id)
  local list = unpacked(kept, {})
  list[#list + 1] = execution
  if #list > 20 then table.remove(list, 1) end
  local packed = cmsgpack.pack(list)
  entries[#entries + 1] = id; entries[#entries + 1] = packed
  return #packed - (kept and #kept or 0)
end
