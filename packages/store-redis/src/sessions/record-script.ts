/**
 * A record is one field of the hash of its partition: a line for each value, the data last (JSON, so without line
 * breaks). What decides over a read comes first and has a fixed width, so that a live session is known without reading
 * the rest. Dead is dead by these deadlines; what the server collects is garbage only. `session-row.ts` reads the same.
 *
 * Keys of a partition: KEYS[1] records by id, [2] the index in the order of creation, [3] what is due next (ids, and
 * subjects after a line break), [4] the tenants of the partition.
 *
 * Other fields of the hash of records begin with a character that no id has: a line break and a subject for its
 * `notBefore`, a line break alone for the latest of these, a tab for what is known of the keys (see `CREATE`).
 */
export const RECORD = String.raw`
local S, I, D, T = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local DEAD_KEPT = 3600000
local FORM = '^(%d+)\n(%d+)\n(%d+)\n(%d+)\n(%d+)\n([^\n]*)\n([^\n]*)\n(%d+)\n(%d+)\n(%d+)\n(%d*)\n([01])\n(%d*)\n([^\n]*)\n(%d*)\n([^\n]*)\n()'

local function read(raw)
  local r, at = {}, nil
  r.idle, r.seen, r.authenticated, r.absolute, r.idleFor, r.verifier, r.subject, r.version, r.created, r.lifetime,
    r.rotated, r.grace, r.revoked, r.reason, r.spared, r.retired, at = string.match(raw, FORM)
  if not at then error('MOORING_CORRUPT') end
  r.idle, r.seen, r.authenticated, r.absolute, r.idleFor =
    tonumber(r.idle), tonumber(r.seen), tonumber(r.authenticated), tonumber(r.absolute), tonumber(r.idleFor)
  r.data = string.sub(raw, at)
  return r
end

local function readable(raw) return raw and string.find(raw, FORM) and read(raw) or nil end

local function write(id, r)
  local raw = string.format('%015d\n%015d\n%015d\n%015d\n%011d\n', r.idle, r.seen, r.authenticated, r.absolute, r.idleFor)
    .. table.concat({ r.verifier, r.subject, r.version, r.created, r.lifetime, r.rotated, r.grace, r.revoked, r.reason,
      r.spared, r.retired, r.data }, '\n')
  redis.call('HSET', S, id, raw)
  return raw
end

-- A cut-off session that was not marked: created by a clock that was set back, or not in the index.
local function cutOff(r, records)
  if r.subject == '' then return nil end
  local before = tonumber(redis.call('HGET', records, '\n' .. r.subject) or nil)
  if before and before >= r.authenticated and before > (tonumber(r.spared) or -1) then return before end
  return nil
end

local function death(r, records)
  if r.revoked ~= '' then return 'revoked' end
  if now >= r.absolute then return 'expired_absolute' end
  if now >= r.idle then return 'expired_idle' end
  if cutOff(r, records) then return 'revoked' end
  return nil
end

local function memberOf(id, r)
  return r.subject .. '\n' .. r.created .. '\n' .. id
end

local function idOf(member) return string.match(member, '[^\n]*$') end

-- With its last entry a key loses its expiry: what was known of the keys is void.
local function unlist(member)
  if redis.call('ZREM', I, member) == 1 and redis.call('EXISTS', I) == 0 then redis.call('HDEL', S, '\t') end
end

-- A tombstone keeps no data, and is in no list. It has no idle deadline: the first line alone tells that it is dead.
local function revoke(id, r, at, reason)
  r.revoked, r.reason, r.data, r.idle = text(at), reason, '{}', 0
  write(id, r)
  unlist(memberOf(id, r))
end

local function ofSubject(subject)
  return redis.call('ZRANGEBYLEX', I, '[' .. subject .. '\n', '(' .. subject .. '\11')
end

-- Garbage collection: the keys outlive all that is in them.
local function keepFor(ms)
  local needed = ms + 2 * DEAD_KEPT
  for _, key in ipairs(KEYS) do
    if redis.call('PTTL', key) < needed then redis.call('PEXPIRE', key, text(needed)) end
  end
end

-- Deletes what is dead at the cutoff; else notes when to look again. Answers the deadline of what was dead.
local function dispose(member, cutoff, dry)
  if string.sub(member, 1, 1) == '\n' then
    if not dry then
      redis.call('HDEL', S, member)
      redis.call('ZREM', D, member)
    end
    return nil
  end
  local r = readable(redis.call('HGET', S, member))
  if not r then
    if not dry then redis.call('ZREM', D, member) end
    return nil
  end
  local deadline = r.revoked ~= '' and r.absolute or r.idle
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

/**
 * 2 id. Reads a session and tells whether it is live, from the beginning of the record alone; `live` is false also where
 * only the whole record can tell. KEYS[1] as above.
 */
export const FIND = String.raw`
local S, id = KEYS[1], ARGV[2]
local found = redis.call('HMGET', S, id, '\n')
local raw, latest = found[1], found[2]
if not raw then return 'not_found' end
local idle = tonumber(string.sub(raw, 1, 15))
local live = idle and now < idle
if live and latest and latest >= string.sub(raw, 33, 47) then
  local subject = string.match(raw, '^[^\n]*\n([^\n]+)', 77)
  local before = subject and redis.call('HGET', S, '\n' .. subject)
  live = not (before and before >= string.sub(raw, 33, 47))
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
