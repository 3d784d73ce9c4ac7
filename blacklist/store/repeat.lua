-- Claim a request that may come again, at one moment, unless it was answered, still runs, or is another one.
-- KEYS: the request. ARGV: hash of its body, who claims, seconds until the claim lapses, seconds it is kept.
-- Returns {'claimed'}, {'answered', answer}, {'running'}, or {'other'} where the body was another.
local kept = redis.call('HMGET', KEYS[1], 'body', 'by', 'until', 'answer')
local body, by, lapses, answer = kept[1], kept[2], kept[3], kept[4]
local now = tonumber(redis.call('TIME')[1])
if body and body ~= ARGV[1] then return {'other'} end
if answer then return {'answered', answer} end
-- The driver sends a command again whose answer it did not get: then it is claimed already.
if body and by ~= ARGV[2] and now < tonumber(lapses) then return {'running'} end
redis.call('HSET', KEYS[1], 'body', ARGV[1], 'by', ARGV[2], 'until', now + tonumber(ARGV[3]))
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {'claimed'}
