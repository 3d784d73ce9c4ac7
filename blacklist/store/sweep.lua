-- Remove from one shard what has ended: by its own date, or by how long ago it was last seen.
-- KEYS: entries, details, history. ARGV: store's marker, source prefix, number of the load, now, seconds an entry
-- lives ('' for ever), second of the source's last full load.
-- Returns {none added, values removed, counts by category}. The same rule as in holdings.py.
local store, prefix, load = ARGV[1], ARGV[2], ARGV[3]
local now, lives, whole = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local refused = refusal(store, prefix, load)
if refused then return refused end

local removed = {}
local members = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #members, 2 do
  local member, since = members[i], tonumber(members[i + 1])
  if string.sub(member, 1, #prefix) == prefix then
    local detail = redis.call('HGET', KEYS[2], member)
    if not points(detail) then
      local ends = tonumber(detail and string.match(detail, '"x":(%d+)') or nil)
      local seen = tonumber(detail and string.match(detail, '"s":(%d+)') or nil) or 0
      if lives then ends = math.min(ends or math.huge, math.max(since, seen, whole) + lives) end
      count(category(detail), 'before')
      if ends and ends <= now then
        count(category(detail), 'removed')
        removed[#removed + 1] = string.sub(member, #prefix + 1)
        remember(gone_event(prefix, removed[#removed], since, detail, now))
        redis.call('ZREM', KEYS[1], member)
        redis.call('HDEL', KEYS[2], member)
      end
    end
  end
end
write_history(KEYS[3], KEYS[2], now)
return {{}, removed, told()}
