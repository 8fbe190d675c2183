import { script } from './script.ts';
import type { Script } from './script.ts';

/**
 * All budgets of a tenant: KEYS[1] scopes by name (`settled reserved endsAt`), [2] reservations by id, [3] the open
 * reservations by when they return, [4] what may be forgotten (`s` or `r`, line break, name or id) by when.
 * Each call first returns the reservations that ran out; each is returned once.
 */
const BUDGETS = String.raw`
local KEPT = 3600000
local function scopeOf(name)
  local row = redis.call('HGET', KEYS[1], name)
  if not row then return { settled = 0, reserved = 0, ends = 0 } end
  local settled, reserved, ends = string.match(row, '^(%d+) (%d+) (%d+)$')
  if not ends then error('MOORING_CORRUPT') end
  return { settled = tonumber(settled), reserved = tonumber(reserved), ends = tonumber(ends) }
end
local function keepScope(name, scope)
  redis.call('HSET', KEYS[1], name, text(scope.settled) .. ' ' .. text(scope.reserved) .. ' ' .. text(scope.ends))
end
local function reservationOf(id)
  local packed = redis.call('HGET', KEYS[2], id)
  if not packed then return nil end
  local known, found = pcall(cmsgpack.unpack, packed)
  if not known or type(found) ~= 'table' then error('MOORING_CORRUPT') end
  return { amount = found[1], expires = found[2], state = found[3], kept = found[4], names = found[5], usage = found[6] }
end
local function keepReservation(id, one)
  redis.call('HSET', KEYS[2], id,
    cmsgpack.pack({ one.amount, one.expires, one.state, one.kept, one.names, one.usage }))
end
local function unhold(id, one)
  if redis.call('ZREM', KEYS[3], id) == 0 then return end
  for _, name in ipairs(one.names) do
    local scope = scopeOf(name)
    scope.reserved = math.max(scope.reserved - one.amount, 0)
    keepScope(name, scope)
  end
end
local function usageOf(names)
  local usage = {}
  for _, name in ipairs(names) do
    local scope = scopeOf(name)
    usage[#usage + 1] = name
    usage[#usage + 1] = text(scope.settled)
    usage[#usage + 1] = text(scope.reserved)
  end
  return usage
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', text(now))) do
  local one = reservationOf(id)
  if one then unhold(id, one) else redis.call('ZREM', KEYS[3], id) end
end
local function keepUntil(ms)
  local needed = math.max(ms - now, 0) + KEPT
  for _, key in ipairs(KEYS) do
    if redis.call('PTTL', key) < needed then redis.call('PEXPIRE', key, text(needed + KEPT)) end
  end
end
-- A little of what ended before: what a tenant holds stays in proportion to its current periods.
local function forget()
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', text(now - KEPT), 'LIMIT', 0, 4)) do
    local rest = string.sub(member, 3)
    local scope = string.sub(member, 1, 1) == 's' and scopeOf(rest)
    if scope and scope.ends > now - KEPT then
      redis.call('ZADD', KEYS[4], text(scope.ends), member)
    elseif scope and scope.reserved > 0 then
      redis.call('ZADD', KEYS[4], text(now), member)
    else
      redis.call('HDEL', scope and KEYS[1] or KEYS[2], rest)
      redis.call('ZREM', KEYS[4], member)
    end
  end
end
`;

/** 2 reservation, 3 amount, 4 ttl, then of each scope: name, limit, end. */
export const RESERVE: Script = script(
  BUDGETS +
    String.raw`
local id, amount = ARGV[2], tonumber(ARGV[3])
local first = reservationOf(id)
if first then return { first.expires, unpack(first.usage) } end
local names, scopes = {}, {}
for place = 5, #ARGV, 3 do
  local scope = scopeOf(ARGV[place])
  if scope.settled + scope.reserved + amount > tonumber(ARGV[place + 1]) then return false end
  scope.ends = math.max(scope.ends, tonumber(ARGV[place + 2]))
  scope.reserved = scope.reserved + amount
  names[#names + 1], scopes[#scopes + 1] = ARGV[place], scope
end
forget()
local expires = now + tonumber(ARGV[4])
local kept = expires
for place, name in ipairs(names) do
  kept = math.max(kept, scopes[place].ends)
  keepScope(name, scopes[place])
  redis.call('ZADD', KEYS[4], 'GT', text(scopes[place].ends), 's\n' .. name)
end
local usage = usageOf(names)
keepReservation(id, { amount = amount, expires = expires, state = 'reserved', kept = kept, names = names, usage = usage })
redis.call('ZADD', KEYS[3], text(expires), id)
redis.call('ZADD', KEYS[4], text(kept), 'r\n' .. id)
keepUntil(kept)
return { expires, unpack(usage) }
`,
);

/** 2 reservation, 3 what becomes of it, 4 what it cost. */
export const FINISH: Script = script(
  BUDGETS +
    String.raw`
local id, actual = ARGV[2], tonumber(ARGV[4])
local one = reservationOf(id)
if not one then return false end
if one.state ~= 'reserved' then return one.usage end
unhold(id, one)
for _, name in ipairs(one.names) do
  local scope = scopeOf(name)
  scope.settled = scope.settled + actual
  if scope.ends == 0 then
    scope.ends = one.kept
    redis.call('ZADD', KEYS[4], text(one.kept), 's\n' .. name)
  end
  keepScope(name, scope)
end
one.state, one.usage = ARGV[3], usageOf(one.names)
keepReservation(id, one)
keepUntil(one.kept)
return one.usage
`,
);

/** From 2 on: scopes. */
export const USAGE: Script = script(
  BUDGETS +
    String.raw`
local names = {}
for place = 2, #ARGV do names[#names + 1] = ARGV[place] end
return usageOf(names)
`,
);
