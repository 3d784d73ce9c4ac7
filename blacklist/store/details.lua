-- Put before the other scripts: what the details of an entry say, and counting by category.
-- Details are JSON: "c" the category where it is not the source's, "x" the second of its end, "s"
-- the second it was last brought by an increment, "k" how many reports the feed counts, and for a
-- bare account number "b", the banks at which it is listed, sorted; "" first if a list names none.

-- Whether an entry stands there only because of a bank's account.
local function points(detail)
  return detail and string.find(detail, '"b":[', 1, true)
    and not string.find(detail, '"b":[""', 1, true)
end

-- An entry's category; '' for the source's own.
local function category(detail)
  return detail and string.match(detail, '"c":"([a-z_]+)"') or ''
end

-- An entry's reference; '' for none.
local function reference(detail)
  return detail and string.find(detail, '"r":"', 1, true) and cjson.decode(detail).r or ''
end

-- A value as text: a phone number is packed into six bytes (members.py), and nothing else begins so.
local function text_of(value)
  local first = string.byte(value)
  if #value ~= 6 or not first or first < 128 then return value end
  local number = first - 128
  for i = 2, 6 do number = number * 256 + string.byte(value, i) end
  return string.format('+%.0f', number)
end

-- An entry that goes, as its shard remembers it.
local function gone_event(prefix, value, since, detail, now)
  local said = detail and detail ~= '' and cjson.decode(detail) or {}
  return {v = text_of(value), s = prefix, t = now, f = since, c = said.c, r = said.r}
end

-- Both lists as one, sorted and without repetition.
local function united(some, more)
  local seen, banks = {}, {}
  for _, list in ipairs({some, more}) do
    for _, bank in ipairs(list) do
      if not seen[bank] then seen[bank] = true; banks[#banks + 1] = bank end
    end
  end
  table.sort(banks)
  return banks
end

-- Two details as one: what the newer says counts, banks are united, reports added up.
local function merged(old, new)
  local into, from = cjson.decode(old ~= '' and old or '{}'), cjson.decode(new)
  if into.b and from.b then from.b = united(into.b, from.b) end
  if into.k and from.k then from.k = into.k + from.k end
  for key, value in pairs(from) do into[key] = value end
  return cjson.encode(into)
end

-- What goes from a shard, for the list beside it: 512 events, 400 days (history.py).
local events = {}
local function remember(event) events[#events + 1] = cjson.encode(event) end

local function write_history(history, details, now)
  for i = 1, #events, 500 do
    redis.call('RPUSH', history, unpack(events, i, math.min(i + 499, #events)))
  end
  local over = redis.call('LLEN', history) - 512
  if over > 0 then
    -- Told beside the details of the shard as fences are, so that a reshard takes it along.
    local cut = cjson.decode(redis.call('LINDEX', history, over - 1)).t
    redis.call('HSET', details, '\0\0', string.format('%d', cut))
    redis.call('LTRIM', history, over, -1)
  end
  local first = redis.call('LINDEX', history, 0)
  while first and cjson.decode(first).t < now - 400 * 86400 do
    redis.call('LPOP', history)
    first = redis.call('LINDEX', history, 0)
  end
end

-- Counts by category: {before, added, removed, moved}.
local counts = {}
local function count(name, which, by)
  local cells = counts[name]
  if not cells then cells = {0, 0, 0, 0}; counts[name] = cells end
  by = by or 1
  if which == 'left' then cells[4] = cells[4] - by
  elseif which == 'before' then cells[1] = cells[1] + by
  elseif which == 'added' then cells[2] = cells[2] + by
  elseif which == 'removed' then cells[3] = cells[3] + by
  else cells[4] = cells[4] + by end
end

-- The counts as an answer: name, before, added, removed, moved, name ...
local function told()
  local cells = {}
  for name, four in pairs(counts) do
    cells[#cells + 1] = name
    for _, number in ipairs(four) do cells[#cells + 1] = number end
  end
  return cells
end

-- Why a load must leave a shard alone: it is another store's, or a later load of the source took over
-- from this one (fence.lua). Nil where it need not.
local function refusal(store, prefix, load)
  if tonumber(redis.call('ZSCORE', KEYS[1], '\0') or '0') ~= tonumber(store) then
    return redis.error_reply('MARKER the shard is not of this store')
  end
  if tonumber(redis.call('HGET', KEYS[2], '\0' .. prefix) or '0') > tonumber(load) then
    return redis.error_reply('FENCED a later load took over from this one')
  end
end
