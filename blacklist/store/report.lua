-- Count one report, at one moment, unless it was counted before or would let something grow past its bound.
-- KEYS: what was told that day (a set), by whom how often (a hash), open cases by identifier (a hash),
-- those by their last report and by their number (sorted sets), the case, the day's counts (a hash).
-- ARGV: identifier, case, teller of this thing, teller, 'key' or '', now, category, note, most told by one
-- teller a day, most told a day, most open cases, seconds that tellers of a day are kept, notes of a case,
-- what is counted for reports, seconds such counts are kept.
-- Returns 'counted', 'known' (this teller told it before), 'many' (this teller told enough today),
-- 'full', or 'again' where the case is another by now.
local identifier, case, telling, teller = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local is_key, now, category, note = ARGV[5] == 'key', ARGV[6], ARGV[7], ARGV[8]
local most_by_one, most_a_day, most_open = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local kept_seconds, most_notes = ARGV[12], tonumber(ARGV[13])

local known = redis.call('HGET', KEYS[3], identifier)
if known and known ~= case then return 'again' end
-- A key counts once as long as the case is open, an address once a day: nobody knows it tomorrow.
if is_key and redis.call('HEXISTS', KEYS[6], 'by:' .. teller) == 1 then return 'known' end
if not is_key and redis.call('SISMEMBER', KEYS[1], telling) == 1 then return 'known' end
if tonumber(redis.call('HGET', KEYS[2], teller) or '0') >= most_by_one then return 'many' end
if not is_key and redis.call('SCARD', KEYS[1]) >= most_a_day then return 'full' end
if not known and redis.call('ZCARD', KEYS[4]) >= most_open then return 'full' end

if not known then
  redis.call('HSET', KEYS[3], identifier, case)
  redis.call('HSET', KEYS[6], 'identifier', identifier, 'first', now)
end
redis.call('HSET', KEYS[6], 'last', now)
redis.call('HINCRBY', KEYS[6], is_key and 'partners' or 'citizens', 1)
redis.call('HINCRBY', KEYS[6], 'category:' .. category, 1)
if note ~= '' then
  local place = redis.call('HINCRBY', KEYS[6], 'notes', 1)
  if place <= most_notes then redis.call('HSET', KEYS[6], 'note:' .. place, note) end
end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[4], time[1] * 1000000 + time[2], case)
redis.call('ZINCRBY', KEYS[5], 1, case)
if is_key then
  redis.call('HSET', KEYS[6], 'by:' .. teller, now)
else
  redis.call('SADD', KEYS[1], telling)
  redis.call('EXPIRE', KEYS[1], kept_seconds)
end
redis.call('HINCRBY', KEYS[2], teller, 1)
redis.call('EXPIRE', KEYS[2], kept_seconds)
redis.call('HINCRBY', KEYS[7], ARGV[14], 1)
redis.call('EXPIRE', KEYS[7], ARGV[15])
return 'counted'
