-- End a claim, unless it lapsed and is another's by now: keep its answer, or let go of it where there is none.
-- KEYS: the request. ARGV: who claimed, the answer or '', seconds it is kept.
if redis.call('HGET', KEYS[1], 'by') ~= ARGV[1] then return end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'answer', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
