-- Count how one transfer ended. A later word about the same answer takes the place of the earlier one.
-- KEYS: who was counted on the day, the day's sums. ARGV: name of the answer, field, amount, until when each is kept.
local before = redis.call('HGET', KEYS[1], ARGV[1])
local word = ARGV[2] .. ' ' .. ARGV[3]
if before == word then return end
local function add(field, count, sign, amount)
  redis.call('HINCRBY', KEYS[2], 'count|' .. field, count)
  -- As text: Lua's numbers are exact to 2^53 only. A lone '-0' is no number to the server.
  if amount ~= '0' then redis.call('HINCRBY', KEYS[2], 'amount|' .. field, sign .. amount) end
end
if before then
  local field, amount = before:match('^(%S+) (%d+)$')
  add(field, -1, '-', amount)
end
add(ARGV[2], 1, '', ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], word)
redis.call('EXPIREAT', KEYS[1], ARGV[4])
redis.call('EXPIREAT', KEYS[2], ARGV[5])
