import { script } from '../script.ts';
import type { Script } from '../script.ts';

/**
 * All slots of a target: KEYS[1] slots by id, and under the empty id how often one was used; KEYS[2] who was refused
 * (tenant, identity, holder on lines; the first two empty when any key of the target would help) and until when that
 * counts.
 */
const POOL = String.raw`
local TENANT, IDENTITY, SESSION, HOLDER, LEASE, TOKEN, ENDS, RECOVERED, DIRTY, DRAINING, OPENED, USABLE, RETIRE, ALIVE,
  USED = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
local function unpacked(packed)
  local known, slot = pcall(cmsgpack.unpack, packed)
  if not known or type(slot) ~= 'table' or not slot[USED] then error('MOORING_CORRUPT') end
  return slot
end
local function keepFor(key, ms)
  local needed = math.max(ms, 0) + 3600000
  if redis.call('PTTL', key) < needed then redis.call('PEXPIRE', key, text(needed + 60000)) end
end
local function countsUntil(slot) return math.max(slot[ALIVE], slot[ENDS] or 0) end
local function put(id, slot)
  redis.call('HSET', KEYS[1], id, cmsgpack.pack(slot))
  keepFor(KEYS[1], countsUntil(slot) - now)
end
local function use() return redis.call('HINCRBY', KEYS[1], '', 1) end
local function slotsThatCount(clean)
  local slots, all = {}, redis.call('HGETALL', KEYS[1])
  for place = 1, #all, 2 do
    if all[place] ~= '' then
      local slot = unpacked(all[place + 1])
      if countsUntil(slot) > now then
        slots[#slots + 1] = { id = all[place], slot = slot }
      elseif clean then
        redis.call('HDEL', KEYS[1], all[place])
      end
    end
  end
  return slots
end
local function stateOf(slot)
  if slot[DRAINING] then return 'draining' end
  if not slot[ENDS] then return 'idle' end
  if slot[ENDS] <= now then return 'abandoned' end
  return slot[SESSION] and 'leased' or 'opening'
end
local function leaseOf(id, slot)
  return { id, slot[TENANT], slot[IDENTITY], slot[LEASE], slot[SESSION], slot[TOKEN], slot[ENDS],
    slot[RECOVERED] and 1 or 0, slot[OPENED], slot[USABLE], slot[RETIRE] }
end
local function lease(id, slot, holder, leaseId, ttl)
  slot[RECOVERED] = stateOf(slot) == 'abandoned'
  slot[LEASE], slot[HOLDER], slot[ENDS] = leaseId, holder, now + ttl
  slot[TOKEN] = math.max(micros, slot[TOKEN] + 1)
  put(id, slot)
  return leaseOf(id, slot)
end
local function isLeasedBy(slot, holder, leaseId)
  return slot[LEASE] == leaseId and slot[HOLDER] == holder and slot[ENDS] > now
end
-- 2 slot, 3 lease, 4 fencing token: the slot, while this lease lasts.
local function held(id, leaseId, token)
  local packed = redis.call('HGET', KEYS[1], id)
  local slot = packed and unpacked(packed)
  if not slot or slot[LEASE] ~= leaseId or text(slot[TOKEN]) ~= token or slot[ENDS] <= now then return nil end
  return slot
end
local function unlease(slot)
  slot[LEASE], slot[HOLDER], slot[ENDS], slot[RECOVERED] = false, false, false, false
end
`;

/** 2 tenant, 3 identity, 4 holder, 5 lease, 6 its ttl, 7 and 8 the caps, 9 alive for, 10 id for a new slot. */
export const ACQUIRE: Script = script(
  POOL +
    String.raw`
local tenant, identity, holder, leaseId, ttl = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local slots = slotsThatCount(true)
local ofKey, idle, abandoned = 0, nil, nil
for _, one in ipairs(slots) do
  local slot = one.slot
  if slot[TENANT] == tenant and slot[IDENTITY] == identity then
    ofKey = ofKey + 1
    if isLeasedBy(slot, holder, leaseId) then return { 'leased', leaseOf(one.id, slot) } end
    if slot[SESSION] and not slot[DIRTY] and slot[USABLE] > now and slot[RETIRE] > now and slot[ALIVE] > now then
      local state = stateOf(slot)
      if state == 'idle' and (not idle or slot[USED] > idle.slot[USED]) then idle = one end
      if state == 'abandoned' and (not abandoned or slot[USED] > abandoned.slot[USED]) then abandoned = one end
    end
  end
end
local taken = idle or abandoned
if taken then
  taken.slot[USED] = use()
  taken.slot[ALIVE] = math.max(taken.slot[ALIVE], now + ttl + tonumber(ARGV[9]))
  return { 'leased', lease(taken.id, taken.slot, holder, leaseId, ttl) }
end
local refusal = ofKey >= tonumber(ARGV[7]) and 'key_full' or #slots >= tonumber(ARGV[8]) and 'target_full'
if refusal then
  local scope = refusal == 'key_full' and tenant .. '\n' .. identity or '\n'
  redis.call('HSET', KEYS[2], scope .. '\n' .. holder, text(now + ttl))
  keepFor(KEYS[2], ttl)
  return { refusal }
end
local slot = { tenant, identity, false, false, false, 0, false, false, false, false, false, false, false,
  now + ttl + tonumber(ARGV[9]), use() }
return { 'leased', lease(ARGV[10], slot, holder, leaseId, ttl) }
`,
);

/** 2 holder, 3 lease, 4 its ttl. */
export const RECLAIM: Script = script(
  POOL +
    String.raw`
local idle, dirty = nil, nil
for _, one in ipairs(slotsThatCount(true)) do
  local slot = one.slot
  if isLeasedBy(slot, ARGV[2], ARGV[3]) then return leaseOf(one.id, slot) end
  if slot[SESSION] and slot[ALIVE] > now then
    local state = stateOf(slot)
    if state == 'idle' and (not idle or slot[USED] < idle.slot[USED]) then idle = one end
    if state == 'abandoned' and slot[DIRTY] and (not dirty or slot[USED] < dirty.slot[USED]) then dirty = one end
  end
end
local taken = idle or dirty
return taken and lease(taken.id, taken.slot, ARGV[2], ARGV[3], tonumber(ARGV[4])) or false
`,
);

/** 2 slot, 3 lease, 4 fencing token, 5 session, 6 usable for, 7 alive for, 8 retire after. */
export const REGISTER: Script = script(
  POOL +
    String.raw`
local slot = held(ARGV[2], ARGV[3], ARGV[4])
if not slot then return false end
slot[SESSION], slot[OPENED], slot[USABLE] = ARGV[5], now, now + tonumber(ARGV[6])
slot[ALIVE], slot[RETIRE], slot[USED] = now + tonumber(ARGV[7]), now + tonumber(ARGV[8]), use()
put(ARGV[2], slot)
return leaseOf(ARGV[2], slot)
`,
);

/** 2 ttl, then of each renewal: slot, lease, fencing token, usable for, alive for, dirty. */
export const RENEW: Script = script(
  POOL +
    String.raw`
local ttl, wants, answers = tonumber(ARGV[2]), nil, {}
local function isWanted(slot)
  wants = wants or redis.call('HGETALL', KEYS[2])
  for place = 1, #wants, 2 do
    local tenant, identity, holder = string.match(wants[place], '^([^\n]*)\n([^\n]*)\n([^\n]*)$')
    if tonumber(wants[place + 1]) <= now then
      redis.call('HDEL', KEYS[2], wants[place])
    elseif holder ~= slot[HOLDER] and
      (tenant == '' or (tenant == slot[TENANT] and identity == slot[IDENTITY])) then
      return 1
    end
  end
  return 0
end
for place = 3, #ARGV, 6 do
  local id = ARGV[place]
  local slot = held(id, ARGV[place + 1], ARGV[place + 2])
  local answer = false
  if slot then
    slot[ENDS], slot[ALIVE] = now + ttl, now + tonumber(ARGV[place + 4])
    if slot[SESSION] then
      slot[USABLE] = now + tonumber(ARGV[place + 3])
    else
      slot[ALIVE] = slot[ALIVE] + ttl
    end
    slot[DIRTY] = slot[DIRTY] or ARGV[place + 5] ~= ''
    slot[USED] = use()
    put(id, slot)
    answer = { isWanted(slot), leaseOf(id, slot) }
  end
  answers[#answers + 1] = answer
end
return answers
`,
);

/** 2 slot, 3 lease, 4 fencing token, 5 usable for, 6 alive for. */
export const RELEASE: Script = script(
  POOL +
    String.raw`
local slot = held(ARGV[2], ARGV[3], ARGV[4])
if not slot then return 0 end
unlease(slot)
slot[USED], slot[ALIVE] = use(), now + tonumber(ARGV[6])
-- Without a session there is nothing to give out, only a slot in which one may still open.
if slot[SESSION] then slot[USABLE] = now + tonumber(ARGV[5]) else slot[DRAINING] = true end
put(ARGV[2], slot)
return 1
`,
);

/** 2 slot, 3 lease, 4 fencing token, 5 alive for: with 0 the slot goes, else it counts that long. */
export const DISCARD: Script = script(
  POOL +
    String.raw`
local slot = held(ARGV[2], ARGV[3], ARGV[4])
if not slot then return 0 end
if tonumber(ARGV[5]) == 0 then
  redis.call('HDEL', KEYS[1], ARGV[2])
  return 1
end
unlease(slot)
slot[DRAINING], slot[ALIVE] = true, now + tonumber(ARGV[5])
put(ARGV[2], slot)
return 1
`,
);

/** 2 tenant or empty, 3 the slot that the page before ended with, 4 how many. */
export const LIST: Script = script(
  POOL +
    String.raw`
local slots = slotsThatCount(false)
table.sort(slots, function(one, other) return one.id < other.id end)
local answer = {}
for _, one in ipairs(slots) do
  local slot = one.slot
  if #answer < tonumber(ARGV[4]) and one.id > ARGV[3] and (ARGV[2] == '' or ARGV[2] == slot[TENANT]) then
    answer[#answer + 1] = { one.id, slot[TENANT], slot[IDENTITY], stateOf(slot), slot[SESSION], slot[HOLDER], slot[TOKEN],
      slot[DIRTY] and 1 or 0, slot[ENDS], slot[OPENED], slot[USABLE], slot[RETIRE], countsUntil(slot) }
  end
end
return answer
`,
);
