import type { AttemptKey, AttemptStore, AttemptVerdict } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { Places } from './keys.ts';
import type { Keys } from './keys.ts';
import { script } from './script.ts';
import type { Script } from './script.ts';
import type { RedisServer } from './server.ts';

/** Of each key: `locks`, `locked until`, `last failure`, then the failures within the window as pairs of time and id. */
const CURRENT = String.raw`
local function current(key, window, quiet)
  local row = { locks = 0, lockedUntil = 0, last = 0, failures = {} }
  local packed = redis.call('GET', key)
  if not packed then return row end
  local known, stored = pcall(cmsgpack.unpack, packed)
  if not known or type(stored) ~= 'table' then error('MOORING_CORRUPT') end
  row.locks, row.lockedUntil, row.last = stored[1], stored[2], stored[3]
  if row.locks > 0 and now - math.max(row.last, row.lockedUntil) >= quiet then
    row.locks, row.lockedUntil = 0, 0
  end
  for place = 4, #stored, 2 do
    if now - stored[place] < window then
      row.failures[#row.failures + 1] = stored[place]
      row.failures[#row.failures + 1] = stored[place + 1]
    end
  end
  return row
end
local answer = { now }
local function show(row)
  answer[#answer + 1] = #row.failures / 2
  answer[#answer + 1] = row.lockedUntil > now and row.lockedUntil or 0
end
`;

/** Of each key in turn, from 2 on: window, quiet time. */
const CHECK: Script = script(
  CURRENT +
    String.raw`
for place, key in ipairs(KEYS) do
  show(current(key, tonumber(ARGV[2 * place]), tonumber(ARGV[2 * place + 1])))
end
return answer
`,
);

/** 2 id or empty; of each key in turn, from 3 on: limit, window, quiet time, lock steps with commas. */
const FAIL: Script = script(
  CURRENT +
    String.raw`
local id = ARGV[2]
for place, key in ipairs(KEYS) do
  local first = 4 * place - 1
  local limit, window, quiet = tonumber(ARGV[first]), tonumber(ARGV[first + 1]), tonumber(ARGV[first + 2])
  local row = current(key, window, quiet)
  local failures = row.failures
  local counted = row.lockedUntil > now
  for entry = 2, #failures, 2 do counted = counted or (id ~= '' and failures[entry] == id) end
  if not counted then
    failures[#failures + 1] = now
    failures[#failures + 1] = id
    while #failures > 2 * limit do
      table.remove(failures, 1)
      table.remove(failures, 1)
    end
    row.last = now
    if #failures == 2 * limit then
      local steps = {}
      for step in string.gmatch(ARGV[first + 3], '%d+') do steps[#steps + 1] = tonumber(step) end
      row.lockedUntil = now + steps[math.min(row.locks + 1, #steps)]
      row.locks = row.locks + 1
    end
    local stored = { row.locks, row.lockedUntil, row.last }
    for _, value in ipairs(failures) do stored[#stored + 1] = value end
    local kept = math.max(window, row.locks > 0 and math.max(row.lockedUntil - now, 0) + quiet or 0)
    redis.call('SET', key, cmsgpack.pack(stored), 'PX', text(kept + MARGIN))
  end
  show(row)
end
return answer
`,
);

/** Failed attempts: the failures within the window, and locks that grow longer while failures go on. */
export class RedisAttempts implements AttemptStore {
  constructor(
    private readonly server: RedisServer,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {}

  async check(tenantId: string, keys: readonly AttemptKey[]): Promise<AttemptVerdict> {
    const operation = 'attempts.check';
    this.validation.attempts(operation, tenantId, keys);
    const args = keys.flatMap(({ policy }) => [policy.windowMs, policy.resetAfterMs]);
    return verdictOf(keys, await this.server.run(operation, CHECK, new Places(this.names(tenantId, keys)), args));
  }

  async recordFailure(
    tenantId: string,
    keys: readonly AttemptKey[],
    options: { readonly id?: string } = {},
  ): Promise<AttemptVerdict> {
    const operation = 'attempts.recordFailure';
    this.validation.attempts(operation, tenantId, keys);
    if (options.id !== undefined) this.validation.text(operation, 'id', options.id);
    const args = keys.flatMap(({ policy }) => [
      policy.limit,
      policy.windowMs,
      policy.resetAfterMs,
      policy.lockStepsMs.join(','),
    ]);
    const names = this.names(tenantId, keys);
    return verdictOf(keys, await this.server.run(operation, FAIL, new Places(names), [options.id ?? '', ...args]));
  }

  async recordSuccess(tenantId: string, keys: readonly AttemptKey[]): Promise<void> {
    const operation = 'attempts.recordSuccess';
    this.validation.attempts(operation, tenantId, keys);
    const cleared = keys.filter(({ scope }) => scope !== 'ip');
    if (cleared.length > 0) await this.server.delete(operation, this.names(tenantId, cleared));
  }

  private names(tenantId: string, keys: readonly AttemptKey[]): string[] {
    return keys.map(({ scope, value }) => this.keys.attempt(tenantId, scope, value));
  }
}

function verdictOf(keys: readonly AttemptKey[], answer: unknown): AttemptVerdict {
  const [now = 0, ...found] = (answer as readonly unknown[]).map(Number);
  const states = keys.map(({ scope }, index) => {
    const lockedUntil = found[2 * index + 1] ?? 0;
    return { scope, failures: found[2 * index] ?? 0, lockedUntil: lockedUntil === 0 ? null : lockedUntil };
  });
  const retryAfterMs = Math.max(0, ...states.map(({ lockedUntil }) => (lockedUntil ?? now) - now));
  return { allowed: retryAfterMs === 0, retryAfterMs, states };
}
