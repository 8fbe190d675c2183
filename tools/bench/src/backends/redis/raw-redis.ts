import type { Redis } from 'ioredis';
import type { Contender, Operations, Visitor } from '../../stores/contender.ts';
import { BUDGET_SCOPES, LEASE_TTL_MS, RESERVATION } from '../../stores/store-contender.ts';
import { DATA, IDLE_TIMEOUT_MS, LIFETIME_MS, nextDigest } from '../../stores/visitors.ts';

type SessionOperation = 'get' | 'verify' | 'touch' | 'create' | 'update' | 'rotate' | 'revoke' | 'revokeWhere' | 'list';

const JSON_DATA = JSON.stringify(DATA);

function expect(found: boolean): void {
  if (!found) throw new Error('redis did not find what is measured');
}

const keyOf = ({ id }: Visitor): string => `raw:session:${id}`;

/** As many bytes as the store keeps: every value of a record, the data last. */
function valueOf({ subjectId, verifier, version }: Visitor): string {
  const now = Date.now();
  const values = [1, subjectId, version, now, now, now, IDLE_TIMEOUT_MS, LIFETIME_MS, now, now, verifier, '', 0, ''];
  return `${values.join('\n')}\n${JSON_DATA}`;
}

function sessionCommands(client: Redis): Pick<Operations, SessionOperation> {
  const get = async (visitor: Visitor): Promise<void> => expect((await client.get(keyOf(visitor))) !== null);
  const replace = async (visitor: Visitor): Promise<void> => {
    const before = await client.set(keyOf(visitor), valueOf(visitor), 'PX', IDLE_TIMEOUT_MS, 'XX', 'GET');
    expect(before !== null);
  };
  return {
    get,
    verify: get,
    touch: replace,
    create: async (visitor) =>
      expect((await client.set(keyOf(visitor), valueOf(visitor), 'PX', IDLE_TIMEOUT_MS, 'NX')) === 'OK'),
    update: async (visitor) => {
      visitor.version += 1;
      await replace(visitor);
    },
    rotate: async (visitor) => {
      visitor.verifier = nextDigest();
      await replace(visitor);
    },
    revoke: async (visitor) => expect((await client.set(keyOf(visitor), 'revoked', 'PX', LIFETIME_MS, 'XX')) === 'OK'),
    revokeWhere: async ({ visitors }) => expect((await client.del(...visitors.map(keyOf))) === visitors.length),
    list: async ({ visitors }) => expect((await client.mget(...visitors.map(keyOf))).every((value) => value !== null)),
  };
}

function usageCommands(
  client: Redis,
): Pick<Operations, 'consume' | 'peek' | 'check' | 'recordFailure' | 'reserve' | 'settle'> {
  const keysOf = (account: string): string[] => ['ip', 'account', 'both'].map((scope) => `raw:${scope}:${account}`);
  const scopes = new Map<string, string>();
  let reservations = 0;
  const all = async (answers: Promise<[error: Error | null, result: unknown][] | null>): Promise<void> =>
    expect((await answers)?.every(([error, result]) => error === null && result !== null) === true);
  return {
    consume: async (name) => expect((await client.incr(`raw:limit:${name}`)) > 0),
    peek: async (name) => expect((await client.get(`raw:limit:${name}`)) !== null),
    check: async (account) => expect((await client.mget(...keysOf(account))).length === 3),
    recordFailure: (account) => {
      const pipeline = client.pipeline();
      for (const key of keysOf(account)) pipeline.incr(key);
      return all(pipeline.exec());
    },
    reserve: (id) => {
      reservations += 1;
      const scope = `raw:budget:${reservations % BUDGET_SCOPES}`;
      scopes.set(id, scope);
      const { amount, ttlMs } = RESERVATION;
      return all(
        client
          .pipeline()
          .hincrby(scope, 'reserved', amount)
          .set(`raw:reservation:${id}`, amount, 'PX', ttlMs, 'NX')
          .exec(),
      );
    },
    settle: (id) => {
      const scope = scopes.get(id) ?? '';
      const { amount, actual } = RESERVATION;
      const pipeline = client.pipeline().del(`raw:reservation:${id}`);
      return all(pipeline.hincrby(scope, 'reserved', -amount).hincrby(scope, 'settled', actual).exec());
    },
  };
}

function leaseCommands(client: Redis): Pick<Operations, 'leaseAcquire' | 'leaseRenew' | 'poolAcquire' | 'poolRenew'> {
  return {
    leaseAcquire: async (name) =>
      expect((await client.set(`raw:lease:${name}`, 'bench', 'PX', LEASE_TTL_MS, 'NX')) === 'OK'),
    leaseRenew: async (name) =>
      expect((await client.set(`raw:lease:${name}`, 'bench', 'PX', LEASE_TTL_MS, 'XX')) === 'OK'),
    poolAcquire: async ({ target }) =>
      expect((await client.lmove(`raw:idle:${target}`, `raw:leased:${target}`, 'RIGHT', 'LEFT')) !== null),
    poolRenew: async ({ target }) => expect((await client.pexpire(`raw:leased:${target}`, LEASE_TTL_MS)) === 1),
  };
}

/** The floor: one command on one key with as many bytes. */
export function rawRedis(client: Redis): Contender {
  return {
    name: 'raw ioredis',
    how: {
      get: 'GET',
      verify: 'GET',
      touch: 'SET XX GET PX',
      create: 'SET NX PX',
      update: 'SET XX GET PX (compares nothing)',
      rotate: 'SET XX GET PX (compares nothing)',
      revoke: 'SET XX PX of a tombstone',
      revokeWhere: 'DEL of known keys',
      list: 'MGET of known keys',
      consume: 'INCR',
      peek: 'GET',
      check: 'MGET',
      recordFailure: 'INCR of three keys, pipelined',
      reserve: 'HINCRBY and SET NX PX, pipelined (no cap)',
      settle: 'DEL and two HINCRBY, pipelined',
      leaseAcquire: 'SET NX PX (no token)',
      leaseRenew: 'SET XX PX (compares nothing)',
      poolAcquire: 'LMOVE from idle to leased (no deadline)',
      poolRenew: 'PEXPIRE',
    },
    operations: { ...sessionCommands(client), ...usageCommands(client), ...leaseCommands(client) },
    fillPool: async (target, sessions) => {
      await client.rpush(`raw:idle:${target}`, ...Array.from({ length: sessions }, (_, index) => `session-${index}`));
    },
  };
}

/** The cheapest sliding of a deadline: Redis's own, which knows no other deadline and no verifier. */
export function rawGetex(client: Redis): Contender {
  const raw = sessionCommands(client);
  return {
    name: 'raw ioredis',
    how: { touch: 'GETEX PX (checks nothing)' },
    measured: ['touch'],
    operations: {
      create: raw.create,
      touch: async (visitor) => expect((await client.getex(keyOf(visitor), 'PX', IDLE_TIMEOUT_MS)) !== null),
    },
  };
}
