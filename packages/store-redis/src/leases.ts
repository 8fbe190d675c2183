import { ok, refused } from '@mooring/session-store';
import type { Lease, LeaseStore, Result } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Keys } from './keys.ts';
import { script } from './script.ts';
import type { Script } from './script.ts';
import type { RedisServer } from './server.ts';

const READ = String.raw`
local token, ends, holder
local held = redis.call('GET', KEYS[1])
if held then
  token, ends, holder = string.match(held, '^(%d+)\n(%d+)\n([^\n]*)$')
  if not token then error('MOORING_CORRUPT') end
end
local function write(newToken, newHolder, newEnds)
  local kept = math.max(newEnds - now, 0) + 3600000
  redis.call('SET', KEYS[1], newToken .. '\n' .. text(newEnds) .. '\n' .. newHolder, 'PX', text(kept))
end
`;

/**
 * 2 holder, 3 ttl. A token is the time in microseconds, or one more than the last: it grows also past a lease that was
 * collected, or lost with the server's memory.
 */
const ACQUIRE: Script = script(
  READ +
    String.raw`
if held and tonumber(ends) > now then
  if holder ~= ARGV[2] then return false end
else
  token = text(math.max(micros, (tonumber(token) or 0) + 1))
end
write(token, ARGV[2], now + tonumber(ARGV[3]))
return { tonumber(token), now + tonumber(ARGV[3]) }
`,
);

/** 2 holder, 3 fencing token, 4 ttl. */
const RENEW: Script = script(
  READ +
    String.raw`
if not held or holder ~= ARGV[2] or token ~= ARGV[3] or tonumber(ends) <= now then return false end
write(token, holder, now + tonumber(ARGV[4]))
return { tonumber(token), now + tonumber(ARGV[4]) }
`,
);

/**
 * 2 fencing token. Keeps the highest token that was seen, for longer than any sweeper sleeps. Answers until when nobody
 * else can have the lease, or nothing when the token is not the highest.
 */
export const PASS_FENCE: Script = script(
  READ +
    String.raw`
local seen = math.max(tonumber(token) or 0, tonumber(redis.call('GET', KEYS[2]) or nil) or 0)
if tonumber(ARGV[2]) < seen then return false end
redis.call('SET', KEYS[2], ARGV[2], 'PX', '34560000000')
local holds = token == ARGV[2] and tonumber(ends) > now
return holds and tonumber(ends) or now + 1000
`,
);

export class RedisLeases implements LeaseStore {
  constructor(
    private readonly server: RedisServer,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {}

  async acquire(name: string, holder: string, ttlMs: number): Promise<Result<Lease, 'held'>> {
    const operation = 'leases.acquire';
    this.validation.leaseRequest(operation, name, holder, ttlMs);
    const answer = await this.server.run(operation, ACQUIRE, this.keys.lease(name), [holder, ttlMs]);
    return answer === null ? refused('held') : ok(leaseOf(name, holder, answer));
  }

  async renew(lease: Lease, ttlMs: number): Promise<Result<Lease, 'lost'>> {
    const operation = 'leases.renew';
    this.validation.duration(operation, 'ttlMs', ttlMs);
    const answer = await this.extend(operation, lease, ttlMs);
    return answer === null ? refused('lost') : ok(leaseOf(lease.name, lease.holder, answer));
  }

  async release(lease: Lease): Promise<Result<null, 'lost'>> {
    const answer = await this.extend('leases.release', lease, 0);
    return answer === null ? refused('lost') : ok(null);
  }

  private extend(operation: string, lease: Lease, ttlMs: number): Promise<unknown> {
    const { name, holder, fencingToken } = lease;
    this.validation.lease(operation, lease);
    return this.server.run(operation, RENEW, this.keys.lease(name), [holder, fencingToken, ttlMs]);
  }
}

function leaseOf(name: string, holder: string, answer: unknown): Lease {
  const [token, expiresAt] = answer as readonly [unknown, unknown];
  return { name, holder, fencingToken: Number(token), expiresAt: Number(expiresAt) };
}
