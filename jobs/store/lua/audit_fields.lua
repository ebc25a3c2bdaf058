#!lua flags=no-writes
-- Purpose: walks through the fields of a hash without sending the values, for the auditor.
-- KEYS: hash
-- ARGV: cursor, fields a step (about)
-- Returns: next cursor ('0' = the end), fields; one may come twice
-- Complexity: O(fields), and their values are read
local page, fields = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2]), {}
for i = 1, #page[2], 2 do fields[#fields + 1] = page[2][i] end
return {page[1], fields}
