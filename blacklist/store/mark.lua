-- Put a mark on one value, or take it away.
-- KEYS: entries, details, history. ARGV: the mark's code, value, the second since which ('' to take it
-- away), its details, now, '1' if the shard's history is to tell of it.
local member, now = ARGV[1] .. ARGV[2], tonumber(ARGV[5])
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[1], ARGV[3], member)
  redis.call('HSET', KEYS[2], member, ARGV[4])
elseif redis.call('ZREM', KEYS[1], member) == 1 then
  redis.call('HDEL', KEYS[2], member)
else
  return
end
if ARGV[6] == '1' then
  local said = ARGV[3] ~= '' and cjson.decode(ARGV[4]) or {}
  local what = ARGV[3] ~= '' and 'cleared' or 'lifted'
  remember({v = text_of(ARGV[2]), s = ARGV[1], t = now, w = what, r = said.n, x = said.x})
  write_history(KEYS[3], KEYS[2], now)
end
