-- Put before the other scripts: how a bare account number tells at which banks it is listed.
-- Its details hold the banks as "b", sorted; "" first if a list names none.

-- Whether an entry stands there only because of a bank's account.
local function points(detail)
  return detail and string.find(detail, '"b":[', 1, true)
    and not string.find(detail, '"b":[""', 1, true)
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

-- Two details as one: what the newer says counts, banks are united.
local function merged(old, new)
  local into, from = cjson.decode(old), cjson.decode(new)
  if into.b and from.b then from.b = united(into.b, from.b) end
  for key, value in pairs(from) do into[key] = value end
  return cjson.encode(into)
end
