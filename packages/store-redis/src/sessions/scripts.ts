import { script } from '../script.ts';
import type { Script } from '../script.ts';
import { FIND, RECORD, STANDING } from './record-script.ts';

/**
 * 2 tenant, 3 id, 4 subject, 5 idle timeout (11 digits), 6 lifetime, 7 verifier, 8 data, 9 maximum or empty, 10 whether
 * the oldest make room; without a maximum, whether a dead one does.
 * Answers the time of creation, with the version where it is another than 1.
 *
 * The hash of records holds under a tab what makes most of the housekeeping needless: a time before which nothing is
 * due in the partition, and one until which all its keys are kept.
 */
export const CREATE: Script = script(
  RECORD +
    String.raw`
local version, maximum = 1, tonumber(ARGV[9])
if present then
  local dead = not maximum and ARGV[10] ~= '' and read(present)
  if not dead or dead.subject ~= '' or not death(dead, S) then return 'exists' end
  version = tonumber(dead.version) + 1
  redis.call('ZREM', I, memberOf(id, dead))
end
if maximum then
  local live = {}
  for _, member in ipairs(ofSubject(subject)) do
    local other = idOf(member)
    local r = readable(redis.call('HGET', S, other))
    if r and not death(r, S) then
      live[#live + 1] = { other, r }
    else
      redis.call('ZREM', I, member)
    end
  end
  local over = #live - maximum + 1
  if over > 0 and ARGV[10] == '' then return 'limit' end
  for place = 1, over do revoke(live[place][1], live[place][2], now, 'evicted') end
end
-- A little of what died before: what a partition holds stays in proportion to what lives in it.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', D, '-inf', text(now - DEAD_KEPT), 'LIMIT', 0, 2)) do
  dispose(member, now - DEAD_KEPT, false)
end
local r = {
  idle = idle, seen = now, authenticated = now, absolute = now + lifetime, idleFor = ARGV[5], verifier = ARGV[7],
  subject = subject, version = text(version), created = at, lifetime = ARGV[6], rotated = '', grace = '0',
  revoked = '', reason = '', spared = '', retired = '', data = ARGV[8],
}
local before = cutOff(r, S)
if before then
  r.revoked, r.reason, r.data, r.idle = text(before), 'not before', '{}', 0
else
  redis.call('ZADD', I, 0, memberOf(id, r))
end
write(id, r)
redis.call('ZADD', D, text(idle), id)
local first = redis.call('ZRANGE', D, 0, 0, 'WITHSCORES')[2]
redis.call('ZADD', T, 'LT', first, ARGV[2])
keepFor(lifetime)
if before and redis.call('EXISTS', I) == 0 then
  redis.call('HDEL', S, '\t')
else
  redis.call('HSET', S, '\t', string.format('%015d %.0f', first, now + lifetime + 2 * DEAD_KEPT))
end
return version == 1 and now or { now, version }
`,
  String.raw`
local S, id, subject, lifetime = KEYS[1], ARGV[3], ARGV[4], tonumber(ARGV[6])
local idle, at = now + math.min(tonumber(ARGV[5]), lifetime), string.format('%015d', now)
local known = redis.call('HMGET', S, id, '\n', '\t')
local present, latest, keys = known[1], known[2], known[3]
local due, kept
if keys then due, kept = tonumber(string.sub(keys, 1, 15)), tonumber(string.sub(keys, 17)) end
if keys and not present and ARGV[9] == '' and due <= idle and due > now - 3600000 and kept >= now + lifetime + 3600000
  and not (latest and latest >= at) then
  redis.call('HSET', S, id, string.format('%015d\n', idle) .. at .. '\n' .. at .. string.format('\n%015d\n', now + lifetime)
    .. ARGV[5] .. '\n' .. ARGV[7] .. '\n' .. subject .. '\n1\n' .. at .. '\n' .. ARGV[6] .. '\n\n0\n\n\n\n\n' .. ARGV[8])
  redis.call('ZADD', KEYS[2], 0, subject .. '\n' .. at .. '\n' .. id)
  redis.call('ZADD', KEYS[3], idle, id)
  return now
end
`,
);

/** 2 id. Answers the record, or why there is none. */
export const GET: Script = script(
  RECORD + 'return death(read(raw), S) or raw',
  `${FIND}
if live then return raw end
`,
);

/** 2 id, 3 presented or empty, 4 grace, 5 least interval between writes. Answers as `GET`; `{ record }` is superseded. */
export const TOUCH: Script = script(
  RECORD +
    STANDING +
    String.raw`
local r = read(raw)
local dead = death(r, S)
if dead then return dead end
local held = standing(r, ARGV[3], tonumber(ARGV[4]))
if held == 'mismatch' then return held end
if held == 'retired' then
  revoke(id, r, now, 'reused')
  return 'reused'
end
if now - r.seen >= tonumber(ARGV[5]) then
  r.seen, r.idle = now, math.min(now + r.idleFor, r.absolute)
  raw = write(id, r)
end
return held == 'previous' and { raw } or raw
`,
  FIND +
    String.raw`
if live and (ARGV[3] == '' or ARGV[3] == string.sub(raw, 77, 119)) then
  if now - tonumber(string.sub(raw, 17, 31)) >= tonumber(ARGV[5]) then
    local slid = math.min(now + tonumber(string.sub(raw, 65, 75)), tonumber(string.sub(raw, 49, 63)))
    raw = string.format('%015d\n%015d', slid, now) .. string.sub(raw, 32)
    redis.call('HSET', S, id, raw)
  end
  return raw
end
`,
);

/** 2 id, 3 tenant, 4 expected version, 5 data or empty, 6 idle timeout or empty. */
export const UPDATE: Script = script(
  RECORD +
    String.raw`
local id = ARGV[2]
local raw = redis.call('HGET', S, id)
if not raw then return 'not_found' end
local r = read(raw)
local dead = death(r, S)
if dead then return dead end
if r.version ~= ARGV[4] then return 'conflict' end
r.version = text(tonumber(r.version) + 1)
if ARGV[5] ~= '' then r.data = ARGV[5] end
if ARGV[6] ~= '' then
  r.idleFor, r.idle = ARGV[6], math.min(now + tonumber(ARGV[6]), r.absolute)
  redis.call('ZADD', D, 'LT', text(r.idle), id)
  redis.call('ZADD', T, 'LT', text(r.idle), ARGV[3])
end
return write(id, r)
`,
);

/** 2 id, 3 presented, 4 grace, 5 next, 6 whether the subject proved who it is, 7 retired verifiers kept. */
export const ROTATE: Script = script(
  RECORD +
    STANDING +
    String.raw`
local id = ARGV[2]
local raw = redis.call('HGET', S, id)
if not raw then return 'not_found' end
local r = read(raw)
local dead = death(r, S)
if dead then return dead end
local held = standing(r, ARGV[3], tonumber(ARGV[4]))
if held == 'mismatch' then return held end
if held == 'retired' then
  revoke(id, r, now, 'reused')
  return 'reused'
end
if held == 'previous' then return { raw } end
local retired = { r.verifier }
for digest in string.gmatch(r.retired, '[^,]+') do
  if #retired < tonumber(ARGV[7]) then retired[#retired + 1] = digest end
end
r.version, r.verifier, r.retired = text(tonumber(r.version) + 1), ARGV[5], table.concat(retired, ',')
r.rotated, r.grace = text(now), '1'
if ARGV[6] ~= '' then
  local lifetime = tonumber(r.lifetime)
  r.grace, r.authenticated, r.seen, r.absolute = '0', now, now, now + lifetime
  r.idle = now + math.min(r.idleFor, lifetime)
  keepFor(lifetime)
end
return write(id, r)
`,
);

/** 2 id, 3 reason. */
export const REVOKE: Script = script(
  RECORD +
    String.raw`
local id = ARGV[2]
local raw = redis.call('HGET', S, id)
if not raw then return 'not_found' end
local r = read(raw)
if r.revoked == '' then revoke(id, r, cutOff(r, S) or now, ARGV[3]) end
return tonumber(r.revoked)
`,
);

/** 2 subject, 3 tenant, 4 id that stays or empty, 5 reason, 6 how many to mark. */
export const REVOKE_WHERE: Script = script(
  RECORD +
    String.raw`
local subject, except = ARGV[2], ARGV[4]
local notBefore = math.max(now, tonumber(redis.call('HGET', S, '\n' .. subject) or 0))
local members = redis.call('ZREVRANGEBYLEX', I, '(' .. subject .. '\11', '[' .. subject .. '\n', 'LIMIT', 0, tonumber(ARGV[6]) + 1)
local revoked = 0
for place, member in ipairs(members) do
  local id = idOf(member)
  local r = id ~= except and readable(redis.call('HGET', S, id))
  -- What is left over is cut off by notBefore alone.
  if place > tonumber(ARGV[6]) then
    revoked = -1
  elseif r and not death(r, S) and r.authenticated <= notBefore then
    revoke(id, r, notBefore, ARGV[5])
    revoked = revoked + 1
  elseif r and death(r, S) then
    unlist(member)
  end
end
local raw = except ~= '' and redis.call('HGET', S, except)
local mine = raw and read(raw)
if mine and mine.subject == subject and not death(mine, S) then
  mine.spared = text(notBefore)
  write(except, mine)
end
-- The notBefore is kept as long as any session from before it could be, lost from the index or not.
local keep = math.max(redis.call('PTTL', S), DEAD_KEPT)
local latest = math.max(notBefore, tonumber(redis.call('HGET', S, '\n') or 0))
redis.call('HSET', S, '\n' .. subject, string.format('%015d', notBefore), '\n', string.format('%015d', latest))
redis.call('ZADD', D, text(now + keep), '\n' .. subject, text(now + keep), '\n')
redis.call('ZADD', T, 'LT', text(now + keep), ARGV[3])
for _, key in ipairs({ S, D, T }) do
  if redis.call('PTTL', key) < keep then redis.call('PEXPIRE', key, text(keep + DEAD_KEPT)) end
end
return { notBefore, revoked }
`,
);

/**
 * Two keys of each partition, in order: records, index. 2 subject or empty, 3 whether of one subject,
 * 4 the entry that the page before ended with, or empty, 5 limit, 6 the most entries to look at, 7 the most bytes.
 * Answers whether there is more, the partition and the entry to go on from, then ids and records.
 */
export const LIST: Script = script(
  RECORD +
    String.raw`
local limit, looks, bytes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local answer = { 0, 0, '' }
local shown = 0
for first = 1, #KEYS, 2 do
  local after = first == 1 and ARGV[4] or ''
  while true do
    local members
    if ARGV[3] == '1' then
      local top = after == '' and '(' .. ARGV[2] .. '\11' or '(' .. after
      members = redis.call('ZREVRANGEBYLEX', KEYS[first + 1], top, '[' .. ARGV[2] .. '\n', 'LIMIT', 0, 100)
    else
      members = redis.call('ZRANGEBYLEX', KEYS[first + 1], after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, 100)
    end
    for _, member in ipairs(members) do
      local id = idOf(member)
      local raw = redis.call('HGET', KEYS[first], id)
      local r = raw and read(raw)
      if r and not death(r, KEYS[first]) then
        if shown == limit or (shown > 0 and bytes < #raw) then
          answer[1] = 1
          return answer
        end
        shown, bytes = shown + 1, bytes - #raw
        answer[#answer + 1] = id
        answer[#answer + 1] = raw
      end
      -- Past a full page only the next live one is looked for.
      if shown < limit or answer[#answer] == raw then answer[2], answer[3] = (first - 1) / 2, member end
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

/**
 * 2 tenant, 3 limit, 4 dry run, 5 the most entries to look at, 6 when it is too late for it, or empty. Answers deleted (-1
 * when it was too late), more, oldest age or -1.
 */
export const SWEEP: Script = script(
  RECORD +
    String.raw`
if ARGV[6] ~= '' and now >= tonumber(ARGV[6]) then return { -1 } end
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
  local first = redis.call('ZRANGE', D, 0, 0, 'WITHSCORES')[2]
  local keys = redis.call('HGET', S, '\t')
  if first then
    redis.call('ZADD', T, first, ARGV[2])
  else
    redis.call('ZREM', T, ARGV[2])
  end
  if keys and first and redis.call('EXISTS', I) == 1 then
    redis.call('HSET', S, '\t', string.format('%015d', first) .. string.sub(keys, 16))
  else
    redis.call('HDEL', S, '\t')
  end
end
return { deleted, more, oldest }
`,
);

/** Keys of tenants, one for each partition; 2 the most tenants of each. Answers places (from 0) and tenants. */
export const DUE_TENANTS: Script = script(
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
