-- What is counted of each job type for ever, in a hash beside TYPES: how many values lay between two limits, and sums.
-- A field is a letter for what is measured (completed, failed, latency) and the number of the first limit that holds the value.
local LIMITS = {5, 10, 50, 100, 250, 500, 1000, 2000, 5000, 10000, 30000, 60000, 300000, 1800000} -- ms

local function figures_of(figures, job_type)
  local tally = figures[job_type]
  if not tally then tally = {}; figures[job_type] = tally end
  return tally
end

local function measure(tally, what, value)
  local step = 1
  while step <= 14 and value > LIMITS[step] do step = step + 1 end
  local field = what .. step
  tally[field] = (tally[field] or 0) + 1
end

local function add_figures(figures)
  for job_type, tally in pairs(figures) do add(TYPES .. ':' .. job_type, tally) end
end
