-- Write one shard whole, in place of whatever lay there; without members: remove it.
-- KEYS: entries, details. ARGV: the second (of the server's clock) from which on it is too late,
-- how many of the following are details, field, detail ..., score, member ...
-- Returns 1, or 0 where it came too late: the caller's lock may be somebody else's by then.
if tonumber(redis.call('TIME')[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('UNLINK', KEYS[1], KEYS[2])
local details = tonumber(ARGV[2])

-- Some hundred arguments at a time: a script's stack is limited.
local function call(name, key, first, last)
  for i = first, last, 1000 do
    redis.call(name, key, unpack(ARGV, i, math.min(i + 999, last)))
  end
end

-- Details first: whoever finds the marker, which is among the members, finds all.
call('HSET', KEYS[2], 3, 2 + details)
call('ZADD', KEYS[1], 3 + details, #ARGV)
return 1
