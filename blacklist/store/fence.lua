-- Let no earlier load of a source change this shard any more.
-- KEYS: entries, details. ARGV: store's marker, source prefix, number of the load.
local store, prefix, load = ARGV[1], ARGV[2], ARGV[3]
local refused = refusal(store, prefix, load)
if refused then return refused end
redis.call('HSET', KEYS[2], '\0' .. prefix, load)
