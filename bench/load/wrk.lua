-- Drives wrk (https://github.com/wg/wrk) for wrk_load.ts; prints one line of JSON.
-- Arguments: path (with "*" where the id goes), body, ids, requests.
--   ids > 0       requests rotate over that many ids
--   requests > 0  every request has an id of its own; ends at that many responses, and times from the first
--                 send to the last response
local sent, received, failed, limit, started = 0, 0, 0, 0, nil

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long microseconds; } denizen_time;
  int gettimeofday(denizen_time *time, void *zone);
]]
local time = ffi.new("denizen_time")
local function now()
  ffi.C.gettimeofday(time, nil)
  return tonumber(time.seconds) * 1e6 + tonumber(time.microseconds)
end

function init(args)
  local path, body, ids = args[1], args[2], tonumber(args[3])
  limit = tonumber(args[4])
  local headers = { ["content-type"] = "application/json" }
  local function format(id)
    return wrk.format("POST", (path:gsub("%*", id)), headers, body)
  end
  if limit > 0 then
    request = function()
      if not started then started = now() end
      sent = sent + 1
      return format(sent)
    end
    response = function(status)
      received = received + 1
      if status ~= 200 then failed = failed + 1 end
      if received == limit then
        io.write(string.format('{"requests":%d,"seconds":%.6f,"failed":%d}\n', received, (now() - started) / 1e6, failed))
        io.flush()
        os.exit(0)
      end
    end
    return
  end
  local prepared = {}
  for id = 1, ids do prepared[id] = format(id) end
  local next_id = 0
  request = function()
    next_id = next_id % ids + 1
    return prepared[next_id]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%.6f,"failed":%d,"p50Ms":%.3f,"p99Ms":%.3f}\n', summary.requests,
    summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
