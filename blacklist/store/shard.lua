-- Write one shard whole, in place of whatever lay there; without members: remove it.
-- KEYS: entries, details, history. ARGV: the second (of the server's clock) from which on it is too late,
-- how many of the following are details and how many history, field, detail ..., event ..., score, member ...
-- Returns 1, or 0 where it came too late: the caller's lock may be somebody else's by then.
if tonumber(redis.call('TIME')[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
local details, events = tonumber(ARGV[2]), tonumber(ARGV[3])

-- Some hundred arguments at a time: a script's stack is limited.
local function call(name, key, first, last)
  for i = first, last, 1000 do
    redis.call(name, key, unpack(ARGV, i, math.min(i + 999, last)))
  end
end

-- Details first: whoever finds the marker, which is among the members, finds all.
call('HSET', KEYS[2], 4, 3 + details)
call('RPUSH', KEYS[3], 4 + details, 3 + details + events)
call('ZADD', KEYS[1], 4 + details + events, #ARGV)
return 1
