-- Put rows of a load into one shard's stage; returns how many were not there yet.
-- KEYS: stage. ARGV: seconds to live, then field, value, field, value ...
-- A value is the second since which (may be empty) followed by a JSON object (may be empty).
-- A bare account number is named by every bank that lists it: its lists of banks are united.
local function united(old, new)
  local a, b = cjson.decode(string.match(old, '{.*$')), cjson.decode(string.match(new, '{.*$'))
  local seen, banks = {}, {}
  for _, list in ipairs({a.b, b.b}) do
    for _, bank in ipairs(list) do
      if not seen[bank] then seen[bank] = true; banks[#banks + 1] = bank end
    end
  end
  table.sort(banks)
  local kept = (banks[1] == '' and b.b[1] ~= '') and a or b
  kept.b = banks
  return string.match(new, '^%d*') .. cjson.encode(kept)
end

local function derived(value)
  return string.find(value, '"b":[', 1, true) and not string.find(value, '"b":[""', 1, true)
end

local new = 0
for i = 2, #ARGV, 2 do
  local field, value = ARGV[i], ARGV[i + 1]
  local old = redis.call('HGET', KEYS[1], field)
  if old and string.find(value, '"b":[', 1, true) then
    if derived(old) and not derived(value) then new = new + 1 end
    value = united(old, value)
  elseif not old and not derived(value) then
    new = new + 1
  end
  redis.call('HSET', KEYS[1], field, value)
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return new
