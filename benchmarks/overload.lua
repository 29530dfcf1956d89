-- For wrk: counts what is served and what is shed, and how long what is served took. Each request is told apart by the
-- id that it is given and answered with. In the first seconds the connections are made, for the server accepts only one
-- in each round of its loop; the last of these seconds is under load already, and does not count either. With a pause
-- (ms), a client that was shed waits that long before it asks again.

local ffi = require("ffi")
ffi.cdef("typedef struct { long s, us; } timeval; int gettimeofday(timeval *, void *);")
local clock = ffi.new("timeval")

local threads = {}

local function microseconds()
  ffi.C.gettimeofday(clock, nil)
  return tonumber(clock.s) * 1000000 + tonumber(clock.us)
end

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  served, shed, other, pauses, times = 0, 0, 0, 0, {}
  counted_from = microseconds() + tonumber(args[1]) * 1000000
  asking_from = counted_from - 1000000
  pause = tonumber(args[2])
end

function delay()
  local early = asking_from - microseconds()
  if early > 0 then
    return early / 1000
  elseif pauses > 0 then
    pauses = pauses - 1
    return pause
  end
  return 0
end

function request()
  return wrk.format(nil, nil, { ["X-Request-ID"] = string.format("%.0f", microseconds()) })
end

function response(status, headers)
  if status == 503 and pause then
    pauses = pauses + 1
  end
  if microseconds() < counted_from then
    return
  end
  if status == 200 then
    served = served + 1
    times[served] = microseconds() - tonumber(headers["x-request-id"])
  elseif status == 503 and headers["retry-after"] then
    shed = shed + 1
  else
    other = other + 1
  end
end

function done(summary)
  local thread = threads[1] -- wrk is run with one
  local times = thread:get("times")
  table.sort(times)
  local p99 = times[math.max(1, math.floor(#times * 0.99))] or 0
  print(string.format("RESULT %d %d %d %d %d", thread:get("served"), thread:get("shed"), thread:get("other"),
    summary.errors.connect + summary.errors.read + summary.errors.write, p99))
end
