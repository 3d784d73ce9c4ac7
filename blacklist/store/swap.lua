-- Change what the store says of its layout, if one of it still is what the caller saw.
-- KEYS: the store's hash. ARGV: field, value it must have ('' for none), then field, value ... to
-- set; a field whose value is '' goes. Returns 1, or 0 where somebody else changed it meanwhile.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
