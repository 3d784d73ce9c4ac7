-- Set one source, or remove it, and give the table of sources another version.
-- KEYS: lock, sources, version. ARGV: what stands in the lock while the writer holds it ('' for a write
-- that needs none), new version, source's name, its record ('' to remove it).
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('FENCED the lock of the source is not held any more')
end
if ARGV[4] == '' then
  -- The field without a name stays when the last source goes: a table without any field was lost.
  redis.call('HSET', KEYS[2], '', '')
  redis.call('HDEL', KEYS[2], ARGV[3])
else
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
end
redis.call('SET', KEYS[3], ARGV[2])
