-- Point to a new build of a snapshot, and let the chunks of the build before go in a while.
-- KEYS: lock, pointer, the new build's chunks, the old build's chunks. ARGV: what stands in the lock
-- while the builder holds it ('' for a write that needs none), number of new chunks, seconds for which
-- the old ones stay, then the pointer's field, value, field, value ...
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('FENCED the lock of the snapshot is not held any more')
end
for i = 3, #KEYS do
  if i > 2 + ARGV[2] then
    redis.call('EXPIRE', KEYS[i], ARGV[3])
  elseif redis.call('PERSIST', KEYS[i]) == 0 then
    return redis.error_reply('FENCED the builder was so slow that its chunks ran out')
  end
end
redis.call('HSET', KEYS[2], unpack(ARGV, 4))
