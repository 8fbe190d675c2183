import type { ConsumeOptions, LimitDecision, LimitKey, LimitRule, RateLimitStore } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Keys } from './keys.ts';
import { script } from './script.ts';
import type { Script } from './script.ts';
import type { RedisServer } from './server.ts';

/**
 * KEYS[1] is the list of the times at which units were taken, oldest first; the first unit of a call with an id is
 * `time:id`. KEYS[2] has the answers to those, by id. 2 limit, 3 window, 4 cost (1 unless given), 5 id.
 * Answers what a decision is made of; when one unit was taken, only what remains and when all is free again.
 */
const CONSUME: Script = script(
  String.raw`
if id then
  local before = redis.call('HGET', KEYS[2], id)
  if before then
    local remaining, resetAt = string.match(before, '^(%d+) (%d+)$')
    return { 1, tonumber(remaining), 0, tonumber(resetAt) }
  end
end
local missing = used + cost - limit
if missing > 0 then
  local free = now
  if missing <= used then free = tonumber(string.match(redis.call('LINDEX', list, missing - 1), '^%d+')) end
  return { 0, limit - used, free + window - now, newest and newest + window or now }
end
local time = text(now)
local entries = { id and time .. ':' .. id or time }
for unit = 2, cost do
  entries[#entries + 1] = time
  if #entries == 1000 then
    redis.call('RPUSH', KEYS[1], unpack(entries))
    entries = {}
  end
end
if #entries > 0 then redis.call('RPUSH', KEYS[1], unpack(entries)) end
redis.call('PEXPIRE', KEYS[1], text(window + MARGIN))
if id then
  redis.call('HSET', KEYS[2], id, text(limit - used - cost) .. ' ' .. text(now + window))
  redis.call('PEXPIRE', KEYS[2], text(window + MARGIN))
end
return { 1, limit - used - cost, 0, now + window }
`,
  String.raw`
local list, limit, window, cost, id = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4] or 1), ARGV[5]
local used, newest = 0, redis.call('LINDEX', list, -1)
if newest then
  newest = tonumber(newest) or tonumber(string.match(newest, '^%d+'))
  -- The server's clock may be set back; units never are.
  if newest > now then now = newest end
  if newest <= now - window then
    redis.call('DEL', list, KEYS[2])
    newest = nil
  else
    local oldest = redis.call('LINDEX', list, 0)
    while (tonumber(oldest) or tonumber(string.match(oldest, '^%d+'))) <= now - window do
      redis.call('LPOP', list)
      local colon = string.find(oldest, ':', 1, true)
      if colon then redis.call('HDEL', KEYS[2], string.sub(oldest, colon + 1)) end
      oldest = redis.call('LINDEX', list, 0)
    end
    used = redis.call('LLEN', list)
  end
end
if not id and cost == 1 and used < limit then
  redis.call('RPUSH', list, now)
  -- Twice in the margin is enough.
  if not newest or newest < now - now % (MARGIN / 2) then redis.call('PEXPIRE', list, window + MARGIN) end
  return limit - used - 1 .. ' ' .. now + window
end
`,
);

/** 2 limit, 3 window. Writes nothing: what is out of the window is found by halving. */
const PEEK: Script = script(
  String.raw`
local limit, window = tonumber(ARGV[2]), tonumber(ARGV[3])
local function at(place)
  local entry = redis.call('LINDEX', KEYS[1], place)
  return entry and tonumber(string.match(entry, '^%d+'))
end
local newest = at(-1)
if newest and newest > now then now = newest end
local low, high = 0, newest and redis.call('LLEN', KEYS[1]) or 0
local length = high
while low < high do
  local middle = math.floor((low + high) / 2)
  if at(middle) <= now - window then low = middle + 1 else high = middle end
end
local used = length - low
if used == 0 then newest = nil end
local missing = used + 1 - limit
if missing > 0 then
  local free = now
  if missing <= used then free = at(low + missing - 1) end
  return { 0, limit - used, free + window - now, newest and newest + window or now }
end
return { 1, limit - used, 0, newest and newest + window or now }
`,
);

/** Exact sliding windows: the times of the units within the window, by the server's clock. */
export class RedisLimits implements RateLimitStore {
  constructor(
    private readonly server: RedisServer,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {}

  async consume(key: LimitKey, rule: LimitRule, options: ConsumeOptions = {}): Promise<LimitDecision> {
    const operation = 'limits.consume';
    const { cost = 1, id } = options;
    this.validation.consumption(operation, key, rule, options);
    const args = [rule.limit, rule.windowMs, ...(id === undefined ? (cost === 1 ? [] : [cost]) : [cost, id])];
    return decisionOf(rule, await this.server.run(operation, CONSUME, this.keys.limit(key, rule), args));
  }

  async peek(key: LimitKey, rule: LimitRule): Promise<LimitDecision> {
    const operation = 'limits.peek';
    this.validation.limit(operation, key, rule);
    const args = [rule.limit, rule.windowMs];
    return decisionOf(rule, await this.server.run(operation, PEEK, this.keys.limit(key, rule), args));
  }

  async reset(key: LimitKey, rule: LimitRule): Promise<void> {
    const operation = 'limits.reset';
    this.validation.limit(operation, key, rule);
    await this.server.delete(operation, this.keys.limit(key, rule).names);
  }
}

function decisionOf({ limit }: LimitRule, answer: unknown): LimitDecision {
  if (typeof answer === 'string') {
    const space = answer.indexOf(' ');
    const remaining = Number(answer.slice(0, space));
    return { allowed: true, limit, remaining, retryAfterMs: 0, resetAt: Number(answer.slice(space + 1)) };
  }
  const [allowed = 0, remaining = 0, retryAfterMs = 0, resetAt = 0] = (answer as readonly unknown[]).map(Number);
  return { allowed: allowed === 1, limit, remaining, retryAfterMs, resetAt };
}
