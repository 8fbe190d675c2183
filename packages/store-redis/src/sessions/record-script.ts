/**
 * A record is one field of the hash of its partition: a line for each value, the data last (JSON, so without line
 * breaks). Dead is dead by these deadlines; what the server collects is garbage only. `session-row.ts` reads the same.
 *
 * Keys of a partition: KEYS[1] records by id, [2] the subjects' `notBefore`, [3] the index in the order of creation,
 * [4] what is due next (ids, and subjects after a line break), [5] the tenants of the partition.
 */
export const RECORD = String.raw`
local S, N, I, D, T = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local DEAD_KEPT = 3600000
local FORM = '^1\n([^\n]*)\n(%d+)\n(%d+)\n(%d+)\n(%d+)\n(%d+)\n(%d+)\n(%d+)\n(%d+)\n([^\n]*)\n(%d*)\n([01])\n(%d*)\n([^\n]*)\n(%d*)\n([^\n]*)\n()'

local function read(raw)
  local r = {}
  r.subject, r.version, r.created, r.authenticated, r.seen, r.idleFor, r.lifetime, r.idle, r.absolute, r.verifier,
    r.rotated, r.grace, r.revoked, r.reason, r.spared, r.retired, r.at = string.match(raw, FORM)
  if not r.at then error('MOORING_CORRUPT') end
  r.raw = raw
  return r
end

local function write(id, r)
  local raw = table.concat({ '1', r.subject, r.version, r.created, r.authenticated, r.seen, r.idleFor, r.lifetime,
    r.idle, r.absolute, r.verifier, r.rotated, r.grace, r.revoked, r.reason, r.spared, r.retired,
    r.data or string.sub(r.raw, r.at) }, '\n')
  redis.call('HSET', S, id, raw)
  return raw
end

-- A cut-off session that was not marked: created by a clock that was set back, or not in the index.
local function cutOff(r, befores)
  if r.subject == '' then return nil end
  local before = tonumber(redis.call('HGET', befores, r.subject) or nil)
  if before and before >= tonumber(r.authenticated) and before > (tonumber(r.spared) or -1) then return before end
  return nil
end

local function death(r, befores)
  if r.revoked ~= '' then return 'revoked' end
  if now >= tonumber(r.absolute) then return 'expired_absolute' end
  if now >= tonumber(r.idle) then return 'expired_idle' end
  if cutOff(r, befores) then return 'revoked' end
  return nil
end

local function memberOf(id, r)
  return r.subject .. '\n' .. string.rep('0', 15 - #r.created) .. r.created .. '\n' .. id
end

local function idOf(member) return string.match(member, '[^\n]*$') end

-- A tombstone keeps no data, and is in no list.
local function revoke(id, r, at, reason)
  r.revoked, r.reason, r.data = text(at), reason, '{}'
  write(id, r)
  redis.call('ZREM', I, memberOf(id, r))
end

local function ofSubject(subject)
  return redis.call('ZRANGEBYLEX', I, '[' .. subject .. '\n', '(' .. subject .. '\11')
end

-- Garbage collection: the keys outlive all that is in them.
local function keepFor(ms)
  local needed = ms + DEAD_KEPT
  -- The others come and go with the records; the index also goes when all of them are tombstones.
  if redis.call('PTTL', S) >= needed and redis.call('PTTL', I) >= needed then return end
  for _, key in ipairs(KEYS) do
    if redis.call('PTTL', key) < needed then redis.call('PEXPIRE', key, text(needed + DEAD_KEPT)) end
  end
end

-- Deletes what is dead at the cutoff; else notes when to look again. Answers the deadline of what was dead.
local function dispose(member, cutoff, dry)
  if string.sub(member, 1, 1) == '\n' then
    if not dry then
      redis.call('HDEL', N, string.sub(member, 2))
      redis.call('ZREM', D, member)
    end
    return nil
  end
  local raw = redis.call('HGET', S, member)
  local r = raw and string.find(raw, FORM) and read(raw)
  if not r then
    if not dry then redis.call('ZREM', D, member) end
    return nil
  end
  local deadline = tonumber(r.revoked ~= '' and r.absolute or r.idle)
  if deadline > cutoff then
    if not dry then redis.call('ZADD', D, text(deadline), member) end
    return nil
  end
  if not dry then
    redis.call('HDEL', S, member)
    redis.call('ZREM', I, memberOf(member, r))
    redis.call('ZREM', D, member)
  end
  return deadline
end
`;

/** What a presented digest is to a live session. */
export const STANDING = String.raw`
local function standing(r, presented, graceMs)
  if presented == '' or presented == r.verifier then return 'current' end
  if r.grace == '1' and presented == string.match(r.retired, '^[^,]*') and now < tonumber(r.rotated) + graceMs then
    return 'previous'
  end
  if string.find(',' .. r.retired .. ',', ',' .. presented .. ',', 1, true) then return 'retired' end
  return 'mismatch'
end
`;
