-- Compare one shard's stage with what the source lists there, and bring the shard to it.
-- KEYS: entries, details, stage. ARGV: store's marker, source prefix, now, 'full' or 'add', '1' to apply.
-- Returns {values added, values removed, entries before, entries after, entries lost}; "entries"
-- leaves out the bare numbers that account listings bring along.
local store, prefix, now, full, apply =
  ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == 'full', ARGV[5] == '1'
if tonumber(redis.call('ZSCORE', KEYS[1], '\0') or '0') ~= tonumber(store) then
  return redis.error_reply('MARKER the shard is not of this store')
end

local staged, raw = {}, redis.call('HGETALL', KEYS[3])
for i = 1, #raw, 2 do staged[raw[i]] = raw[i + 1] end

local added, removed, before, after, lost = {}, {}, 0, 0, 0
if full then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if string.sub(member, 1, #prefix) == prefix then
      local value = string.sub(member, #prefix + 1)
      local entry = points(redis.call('HGET', KEYS[2], member)) and 0 or 1
      before = before + entry
      if not staged[value] then
        lost = lost + entry
        removed[#removed + 1] = value
        if apply then
          redis.call('ZREM', KEYS[1], member)
          redis.call('HDEL', KEYS[2], member)
        end
      end
    end
  end
end

for value, text in pairs(staged) do
  local member = prefix .. value
  local since, detail = string.match(text, '^(%d*)(.*)$')
  since = tonumber(since) or now
  local score = redis.call('ZSCORE', KEYS[1], member)
  local old = redis.call('HGET', KEYS[2], member)
  if score and not full and not points(old) then before = before + 1 end
  if not full and old and detail ~= '' then detail = merged(old, detail) end
  if not full and old and detail == '' then detail = old end
  if not points(detail) then after = after + 1 end
  if not score then added[#added + 1] = value end
  if apply then
    -- An entry never becomes newer: a later date than the one it has is not taken.
    if not score or since < tonumber(score) then redis.call('ZADD', KEYS[1], since, member) end
    if detail == '' then
      if old then redis.call('HDEL', KEYS[2], member) end
    elseif detail ~= old then
      redis.call('HSET', KEYS[2], member, detail)
    end
  end
end
if apply then redis.call('UNLINK', KEYS[3]) end
return {added, removed, before, after, lost}
