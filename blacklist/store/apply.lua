-- Compare one shard's stage with what the source lists there, and bring the shard to it.
-- KEYS: entries, details, stage. ARGV: store's marker, source prefix, now, 'full', 'add' or 'exact',
-- '1' to apply, '1' if an increment renews entries that would end some time after they were last seen.
-- 'exact' is an increment whose rows say all there is to say: entries become as they are staged.
-- Returns {values added, values removed, counts by category}.
local store, prefix, now, full, apply, renews =
  ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == 'full', ARGV[5] == '1', ARGV[6] == '1'
local adds, exact = ARGV[4] == 'add', ARGV[4] == 'exact'
local foreign = require_marker(KEYS[1], store)
if foreign then return foreign end

local staged, raw = {}, redis.call('HGETALL', KEYS[3])
for i = 1, #raw, 2 do staged[raw[i]] = raw[i + 1] end

local added, removed = {}, {}
if full then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if string.sub(member, 1, #prefix) == prefix then
      local value = string.sub(member, #prefix + 1)
      if not staged[value] then
        local old = redis.call('HGET', KEYS[2], member)
        if not points(old) then
          count(category(old), 'before')
          count(category(old), 'removed')
        end
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
  local old = score and redis.call('HGET', KEYS[2], member)
  if adds and old and detail ~= '' then detail = merged(old, detail) end
  if adds and old and detail == '' then detail = old end
  if renews and adds and not points(detail) and (score or since < now) then
    detail = merged(detail, '{"s":' .. ARGV[3] .. '}')
  end
  local was, is = score and not points(old), not points(detail)
  if was then count(category(old), 'before') end
  if is and not was then count(category(detail), 'added') end
  if was and not is then count(category(old), 'removed') end
  if was and is and category(old) ~= category(detail) then
    count(category(old), 'left')
    count(category(detail), 'moved')
  end
  if not score then added[#added + 1] = value end
  if apply then
    -- An entry never becomes newer: a later date than the one it has is not taken, unless what told
    -- the earlier one was withdrawn (exact).
    local is_other = score and (since < tonumber(score) or exact and since > tonumber(score))
    if not score or is_other then redis.call('ZADD', KEYS[1], since, member) end
    if detail == '' then
      if old then redis.call('HDEL', KEYS[2], member) end
    elseif detail ~= old then
      redis.call('HSET', KEYS[2], member, detail)
    end
  end
end
if apply then redis.call('UNLINK', KEYS[3]) end
return {added, removed, told()}
