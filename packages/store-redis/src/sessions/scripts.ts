import { script } from '../script.ts';
import type { Script } from '../script.ts';
import { RECORD, STANDING } from './record-script.ts';

/** 2 tenant, 3 id, 4 subject, 5 idle timeout, 6 lifetime, 7 verifier, 8 data, 9 maximum or empty, 10 evict, 11 over dead. */
export const CREATE: Script = script(
  'session_create',
  RECORD +
    String.raw`
local id, subject, version = ARGV[3], ARGV[4], 1
local present = redis.call('HGET', S, id)
if present then
  local dead = ARGV[11] ~= '' and read(present)
  if not dead or dead.subject ~= '' or not death(dead, N) then return { 'exists' } end
  version = tonumber(dead.version) + 1
  redis.call('ZREM', I, memberOf(id, dead))
end
local maximum = tonumber(ARGV[9])
if maximum then
  local live = {}
  for _, member in ipairs(ofSubject(subject)) do
    local other = idOf(member)
    local raw = redis.call('HGET', S, other)
    local r = raw and read(raw)
    if r and not death(r, N) then
      live[#live + 1] = { other, r }
    else
      redis.call('ZREM', I, member)
    end
  end
  local over = #live - maximum + 1
  if over > 0 and ARGV[10] == '' then return { 'limit' } end
  for place = 1, over do revoke(live[place][1], live[place][2], now, 'evicted') end
end
-- A little of what died before: what a partition holds stays in proportion to what lives in it.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', D, '-inf', text(now - DEAD_KEPT), 'LIMIT', 0, 2)) do
  dispose(member, now - DEAD_KEPT, false)
end
local at, lifetime = text(now), tonumber(ARGV[6])
local idle = text(now + math.min(tonumber(ARGV[5]), lifetime))
local r = {
  subject = subject, version = text(version), created = at, authenticated = at, seen = at, idleFor = ARGV[5],
  lifetime = ARGV[6], idle = idle, absolute = text(now + lifetime), verifier = ARGV[7], rotated = '', grace = '0',
  revoked = '', reason = '', spared = '', retired = '', data = ARGV[8],
}
local before = cutOff(r, N)
if before then
  r.revoked, r.reason, r.data = text(before), 'not before', '{}'
else
  redis.call('ZADD', I, 0, memberOf(id, r))
end
write(id, r)
redis.call('ZADD', D, idle, id)
redis.call('ZADD', T, 'LT', idle, ARGV[2])
keepFor(lifetime)
return { 'created', now, version }
`,
);

/** 2 id. */
export const GET: Script = script(
  'session_get',
  RECORD +
    String.raw`
local raw = redis.call('HGET', S, ARGV[2])
if not raw then return { 'not_found' } end
local dead = death(read(raw), N)
if dead then return { dead } end
return { 'live', raw }
`,
);

/** 2 id, 3 presented or empty, 4 grace, 5 least interval between writes. */
export const TOUCH: Script = script(
  'session_touch',
  RECORD +
    STANDING +
    String.raw`
local id = ARGV[2]
local raw = redis.call('HGET', S, id)
if not raw then return { 'not_found' } end
local r = read(raw)
local dead = death(r, N)
if dead then return { dead } end
local found = standing(r, ARGV[3], tonumber(ARGV[4]))
if found == 'mismatch' then return { found } end
if found == 'retired' then
  revoke(id, r, now, 'reused')
  return { 'reused' }
end
if now - tonumber(r.seen) >= tonumber(ARGV[5]) then
  r.seen, r.idle = text(now), text(math.min(now + tonumber(r.idleFor), tonumber(r.absolute)))
  raw = write(id, r)
end
return { found, raw }
`,
);

/** 2 id, 3 tenant, 4 expected version, 5 data or empty, 6 idle timeout or empty. */
export const UPDATE: Script = script(
  'session_update',
  RECORD +
    String.raw`
local id = ARGV[2]
local raw = redis.call('HGET', S, id)
if not raw then return { 'not_found' } end
local r = read(raw)
local dead = death(r, N)
if dead then return { dead } end
if r.version ~= ARGV[4] then return { 'conflict' } end
r.version = text(tonumber(r.version) + 1)
if ARGV[5] ~= '' then r.data = ARGV[5] end
if ARGV[6] ~= '' then
  r.idleFor, r.idle = ARGV[6], text(math.min(now + tonumber(ARGV[6]), tonumber(r.absolute)))
  redis.call('ZADD', D, 'LT', r.idle, id)
  redis.call('ZADD', T, 'LT', r.idle, ARGV[3])
end
return { 'live', write(id, r) }
`,
);

/** 2 id, 3 presented, 4 grace, 5 next, 6 whether the subject proved who it is, 7 retired verifiers kept. */
export const ROTATE: Script = script(
  'session_rotate',
  RECORD +
    STANDING +
    String.raw`
local id = ARGV[2]
local raw = redis.call('HGET', S, id)
if not raw then return { 'not_found' } end
local r = read(raw)
local dead = death(r, N)
if dead then return { dead } end
local found = standing(r, ARGV[3], tonumber(ARGV[4]))
if found == 'mismatch' then return { found } end
if found == 'retired' then
  revoke(id, r, now, 'reused')
  return { 'reused' }
end
if found == 'previous' then return { found, raw } end
local retired = { r.verifier }
for digest in string.gmatch(r.retired, '[^,]+') do
  if #retired < tonumber(ARGV[7]) then retired[#retired + 1] = digest end
end
r.version, r.verifier, r.retired = text(tonumber(r.version) + 1), ARGV[5], table.concat(retired, ',')
r.rotated, r.grace = text(now), '1'
if ARGV[6] ~= '' then
  local lifetime = tonumber(r.lifetime)
  r.grace, r.authenticated, r.seen, r.absolute = '0', text(now), text(now), text(now + lifetime)
  r.idle = text(now + math.min(tonumber(r.idleFor), lifetime))
  keepFor(lifetime)
end
return { found, write(id, r) }
`,
);

/** 2 id, 3 reason. */
export const REVOKE: Script = script(
  'session_revoke',
  RECORD +
    String.raw`
local id = ARGV[2]
local raw = redis.call('HGET', S, id)
if not raw then return { 'not_found' } end
local r = read(raw)
if r.revoked == '' then revoke(id, r, cutOff(r, N) or now, ARGV[3]) end
return { 'revoked', tonumber(r.revoked) }
`,
);

/** 2 subject, 3 tenant, 4 id that stays or empty, 5 reason, 6 how many to mark. */
export const REVOKE_WHERE: Script = script(
  'session_revoke_where',
  RECORD +
    String.raw`
local subject, except = ARGV[2], ARGV[4]
local notBefore = math.max(now, tonumber(redis.call('HGET', N, subject) or 0))
local members = redis.call('ZREVRANGEBYLEX', I, '(' .. subject .. '\11', '[' .. subject .. '\n', 'LIMIT', 0, tonumber(ARGV[6]) + 1)
local revoked = 0
for place, member in ipairs(members) do
  local id = idOf(member)
  local raw = id ~= except and redis.call('HGET', S, id)
  local r = raw and read(raw)
  -- What is left over is cut off by notBefore alone.
  if place > tonumber(ARGV[6]) then
    revoked = -1
  elseif r and not death(r, N) and tonumber(r.authenticated) <= notBefore then
    revoke(id, r, notBefore, ARGV[5])
    revoked = revoked + 1
  elseif r and death(r, N) then
    redis.call('ZREM', I, member)
  end
end
local raw = except ~= '' and redis.call('HGET', S, except)
local mine = raw and read(raw)
if mine and mine.subject == subject and not death(mine, N) then
  mine.spared = text(notBefore)
  write(except, mine)
end
-- The notBefore is kept as long as any session from before it could be, lost from the index or not.
local keep = math.max(redis.call('PTTL', S), DEAD_KEPT)
redis.call('HSET', N, subject, text(notBefore))
redis.call('ZADD', D, text(now + keep), '\n' .. subject)
redis.call('ZADD', T, 'LT', text(now + keep), ARGV[3])
for _, key in ipairs({ N, D, T }) do
  if redis.call('PTTL', key) < keep then redis.call('PEXPIRE', key, text(keep + DEAD_KEPT)) end
end
return { notBefore, revoked }
`,
);

/**
 * Three keys of each partition, in order: records, `notBefore`s, index. 2 subject or empty, 3 whether of one subject,
 * 4 the entry that the page before ended with, or empty, 5 limit, 6 the most entries to look at, 7 the most bytes.
 * Answers whether there is more, the partition and the entry to go on from, then ids and records.
 */
export const LIST: Script = script(
  'session_list',
  RECORD +
    String.raw`
local limit, looks, bytes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local answer = { 0, 0, '' }
local shown = 0
for first = 1, #KEYS, 3 do
  local after = first == 1 and ARGV[4] or ''
  while true do
    local members
    if ARGV[3] == '1' then
      local top = after == '' and '(' .. ARGV[2] .. '\11' or '(' .. after
      members = redis.call('ZREVRANGEBYLEX', KEYS[first + 2], top, '[' .. ARGV[2] .. '\n', 'LIMIT', 0, 100)
    else
      members = redis.call('ZRANGEBYLEX', KEYS[first + 2], after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, 100)
    end
    for _, member in ipairs(members) do
      local id = idOf(member)
      local raw = redis.call('HGET', KEYS[first], id)
      local r = raw and read(raw)
      if r and not death(r, KEYS[first + 1]) then
        if shown == limit or (shown > 0 and bytes < #raw) then
          answer[1] = 1
          return answer
        end
        shown, bytes = shown + 1, bytes - #raw
        answer[#answer + 1] = id
        answer[#answer + 1] = raw
      end
      -- Past a full page only the next live one is looked for.
      if shown < limit or answer[#answer] == raw then answer[2], answer[3] = (first - 1) / 3, member end
      looks = looks - 1
      if looks <= 0 then
        answer[1] = 1
        return answer
      end
      after = member
    end
    if #members < 100 then break end
  end
end
return answer
`,
);

/** 2 tenant, 3 limit, 4 dry run, 5 the most entries to look at. Answers deleted, more, oldest age or -1. */
export const SWEEP: Script = script(
  'session_sweep',
  RECORD +
    String.raw`
local limit, dry = tonumber(ARGV[3]), ARGV[4] ~= ''
local looks = tonumber(ARGV[5])
local deleted, more, oldest = 0, 0, -1
local members = redis.call('ZRANGEBYSCORE', D, '-inf', text(now), 'LIMIT', 0, looks)
for _, member in ipairs(members) do
  local full = deleted == limit
  local deadline = dispose(member, now, dry or full)
  if deadline and full then
    more = 1
    break
  end
  if deadline then
    deleted, oldest = deleted + 1, math.max(oldest, now - deadline)
  end
end
if #members == looks and more == 0 then more = deleted == limit and 1 or 2 end
if not dry then
  local first = redis.call('ZRANGE', D, 0, 0, 'WITHSCORES')
  if first[2] then
    redis.call('ZADD', T, first[2], ARGV[2])
  else
    redis.call('ZREM', T, ARGV[2])
  end
end
return { deleted, more, oldest }
`,
);

/** Keys of tenants, one for each partition; 2 the most tenants of each. Answers places (from 0) and tenants. */
export const DUE_TENANTS: Script = script(
  'session_due_tenants',
  String.raw`
local answer = {}
for place, key in ipairs(KEYS) do
  for _, tenant in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', text(now), 'LIMIT', 0, ARGV[2])) do
    answer[#answer + 1] = place - 1
    answer[#answer + 1] = tenant
  end
end
return answer
`,
);
