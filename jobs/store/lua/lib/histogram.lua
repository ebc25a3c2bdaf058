-- A histogram bucket: index k holds values up to 1.19^k ms (0.1739... is the natural logarithm of 1.19).
local function bucket(value)
  if value <= 1 then return 0 end
  return math.ceil(math.log(value) / 0.17395330712343798)
end
