-- Compare one shard's stage with what the source lists there, and bring the shard to it.
-- KEYS: entries, details, stage, history. ARGV: store's marker, source prefix, number of the load, now, 'full',
-- 'add' or 'exact', '1' to apply, '1' if an increment renews entries that would end some time after they were last seen.
-- 'exact' is an increment whose rows say all there is to say: entries become as they are staged.
-- Returns {values added, values removed, counts by category}. Among the added are those that were there
-- and are listed in another way: a bare number itself, or no more; in another category or by another letter.
local store, prefix, load, now, mode = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local apply, renews = ARGV[6] == '1', ARGV[7] == '1'
local full, adds, exact = mode == 'full', mode == 'add', mode == 'exact'
local refused = refusal(store, prefix, load)
if refused then return refused end

local rows = redis.call('HGETALL', KEYS[3])

-- What the source lists here already: value -> second since which; and details by member. All of
-- it is read at once: asking for each value would walk through the shard for each.
local since_of, detail_of = {}, {}
local members = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #members, 2 do
  local member = members[i]
  if string.sub(member, 1, #prefix) == prefix then
    since_of[string.sub(member, #prefix + 1)] = tonumber(members[i + 1])
  end
end
if next(since_of) then
  local fields = redis.call('HGETALL', KEYS[2])
  for i = 1, #fields, 2 do detail_of[fields[i]] = fields[i + 1] end
end

local added, removed, gone, dated, told_of, untold = {}, {}, {}, {}, {}, {}
if full and next(since_of) then
  local staged = {}
  for i = 1, #rows, 2 do staged[rows[i]] = true end
  for value in pairs(since_of) do
    if not staged[value] then
      local member = prefix .. value
      local old = detail_of[member]
      if not points(old) then
        count(category(old), 'before')
        count(category(old), 'removed')
        if apply then remember(gone_event(prefix, value, since_of[value], old, now)) end
      end
      removed[#removed + 1] = value
      gone[#gone + 1] = member
    end
  end
end

-- What one staged value changes. Fresh are the members that are new as of now and say nothing of their
-- own, as nearly all rows of long lists.
local fresh, plain = {}, 0
local function take(value, text)
  local member, since, detail = prefix .. value, now, ''
  if text ~= '' then
    since, detail = string.match(text, '^(%d*)(.*)$')
    since = tonumber(since) or now
  end
  local score, old = since_of[value], detail_of[member]
  if not score and not old and detail == '' and not (renews and adds and since < now) then
    plain = plain + 1
    added[#added + 1] = value
    if since == now then fresh[#fresh + 1] = member else dated[#dated + 1] = {since, member} end
    return
  end
  if adds and old then detail = detail ~= '' and merged(old, detail) or old end
  if renews and adds and not points(detail) and (score or since < now) then
    detail = merged(detail, '{"s":' .. ARGV[4] .. '}')
  end
  local was, is = score and not points(old), not points(detail)
  if was then count(category(old), 'before') end
  if is and not was then count(category(detail), 'added') end
  if was and not is then
    count(category(old), 'removed')
    if apply then remember(gone_event(prefix, value, score, old, now)) end
  end
  if was and is and category(old) ~= category(detail) then
    count(category(old), 'left')
    count(category(detail), 'moved')
  end
  if not score or was ~= is or (is and detail ~= (old or '')
      and (category(old) ~= category(detail) or reference(old) ~= reference(detail))) then
    added[#added + 1] = value
  end
  -- An entry never becomes newer: a later date than the one it has is not taken, unless what told
  -- the earlier one was withdrawn (exact).
  if not score or since < score or (exact and since > score) then dated[#dated + 1] = {since, member} end
  if detail ~= (old or '') then
    if detail == '' then
      untold[#untold + 1] = member
    else
      told_of[#told_of + 1] = member
      told_of[#told_of + 1] = detail
    end
  end
end
for i = 1, #rows, 2 do take(rows[i], rows[i + 1]) end
if plain > 0 then count('', 'added', plain) end

-- Call a command with many arguments, some hundred at a time.
local function call(name, key, arguments)
  for i = 1, #arguments, 1000 do
    redis.call(name, key, unpack(arguments, i, math.min(i + 999, #arguments)))
  end
end

if apply then
  call('ZREM', KEYS[1], gone)
  call('HDEL', KEYS[2], gone)
  -- Last first: each then finds its place at the head of a compact set, not at its end. The fresh ones
  -- are compared as they are: a function of ours would take as long as all else here.
  table.sort(fresh)
  table.sort(dated, function(a, b)
    return a[1] > b[1] or (a[1] == b[1] and a[2] > b[2])
  end)
  local pairs_of = {}
  for i = #fresh, 1, -1 do
    pairs_of[#pairs_of + 1] = ARGV[4]
    pairs_of[#pairs_of + 1] = fresh[i]
  end
  for _, one in ipairs(dated) do
    pairs_of[#pairs_of + 1] = one[1]
    pairs_of[#pairs_of + 1] = one[2]
  end
  call('ZADD', KEYS[1], pairs_of)
  call('HDEL', KEYS[2], untold)
  call('HSET', KEYS[2], told_of)
  redis.call('UNLINK', KEYS[3])
  if #events > 0 then write_history(KEYS[4], KEYS[2], now) end
end
return {added, removed, told()}
