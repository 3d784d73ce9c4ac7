-- Tell the owner of a watch of a listing, unless it was told before.
-- KEYS: what was told, the owner's hits. ARGV: what is told (watch and listing), the second until which
-- that is remembered, the oldest hit that is kept, the hit.
-- Returns 1 if it was told now.
if redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[1]) == 0 then return 0 end
redis.call('XADD', KEYS[2], 'MINID', '~', ARGV[3], '*', 'h', ARGV[4])
return 1
