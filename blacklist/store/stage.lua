-- Put rows of a load into one shard's stage; returns how many were not there yet.
-- KEYS: stage. ARGV: seconds to live, then field, value, field, value ...
-- A value is the second since which (may be empty) followed by a JSON object (may be empty).
-- A row that comes twice counts once, as it came last; banks are united and reports added up.
local new = 0
for i = 2, #ARGV, 2 do
  local field, value = ARGV[i], ARGV[i + 1]
  local old = redis.call('HGET', KEYS[1], field)
  if not points(value) and (not old or points(old)) then new = new + 1 end
  local since, detail = string.match(value, '^(%d*)(.*)$')
  if old and (string.find(detail, '"b":[', 1, true) or string.find(detail, '"k":', 1, true)) then
    value = since .. merged(string.match(old, '{.*$') or '', detail)
  end
  redis.call('HSET', KEYS[1], field, value)
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return new
