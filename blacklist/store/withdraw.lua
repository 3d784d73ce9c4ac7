-- Remove single entries of a source from one shard.
-- KEYS: entries, details, history. ARGV: store's marker, source prefix, number of the load, '1' to apply,
-- now, then value, what ...
-- What is '' for the entry itself, and 'b' with a bank for a bare account number: it stays as long as
-- other banks have it.
-- Returns {values that are not listed themselves any more and yet stay, values removed, counts by category}.
local store, prefix, load, apply = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local refused = refusal(store, prefix, load)
if refused then return refused end

-- The details without a bank; nil where no bank is left.
local function without(detail, bank)
  local said, banks = cjson.decode(detail or '{}'), {}
  for _, one in ipairs(said.b or {}) do
    if one ~= bank then banks[#banks + 1] = one end
  end
  if #banks == 0 then return nil end
  said.b = banks
  return cjson.encode(said)
end

local pointing, removed = {}, {}
for i = 6, #ARGV, 2 do
  local value, what = ARGV[i], ARGV[i + 1]
  local member = prefix .. value
  local since = redis.call('ZSCORE', KEYS[1], member)
  if since then
    local old = redis.call('HGET', KEYS[2], member)
    local left = what ~= '' and without(old, string.sub(what, 2)) or nil
    if not points(old) then count(category(old), 'before') end
    if not points(old) and (not left or points(left)) then
      count(category(old), 'removed')
      if apply then remember(gone_event(prefix, value, tonumber(since), old, tonumber(ARGV[5]))) end
    end
    if not left then removed[#removed + 1] = value end
    if left and points(left) and not points(old) then pointing[#pointing + 1] = value end
    if apply and left then
      redis.call('HSET', KEYS[2], member, left)
    elseif apply then
      redis.call('ZREM', KEYS[1], member)
      redis.call('HDEL', KEYS[2], member)
    end
  end
end
if #events > 0 then write_history(KEYS[3], KEYS[2], tonumber(ARGV[5])) end
return {pointing, removed, told()}
