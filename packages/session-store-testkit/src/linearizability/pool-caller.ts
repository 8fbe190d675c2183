import { randomUUID } from 'node:crypto';
import type { PoolLease, Result } from '@mooring/session-store';
import { DAY_MS } from '../samples.ts';
import type { Caller, Calling } from './caller.ts';
import type { PoolAnswer, PoolAsked, PoolCaps, SlotLease } from './pool-specification.ts';

const LIFETIMES = { usableForMs: DAY_MS, aliveForMs: DAY_MS };

function told(result: Result<unknown, string> | undefined): PoolAnswer {
  if (result === undefined) return { refused: 'without a word' };
  return result.ok ? { done: true } : { refused: result.reason };
}

/** Takes slots of one target, opens sessions in them, gives them back, and goes on with those that it gave back. */
export class PoolCaller implements Caller {
  private held: PoolLease | undefined;
  private former: PoolLease | undefined;
  /** Of a lease that was asked for without an answer: it is asked for again. */
  private open: { readonly leaseId: string; readonly identity: string } | undefined;

  constructor(
    private readonly calling: Calling,
    private readonly target: string,
    private readonly caps: PoolCaps,
  ) {}

  async step(): Promise<void> {
    const { choose } = this.calling;
    if (this.former !== undefined && choose(8) === 0) return void (await this.do(this.former, choose(3)));
    if (this.held === undefined) return this.acquire();
    const choice = this.held.sessionId === null && choose(5) > 0 ? 3 : choose(3);
    const { held } = this;
    const answer = await this.do(held, choice);
    if (choice !== 0 && choice !== 3) this.former = held;
    if ('refused' in answer || (choice !== 0 && choice !== 3)) this.held = undefined;
  }

  private async acquire(): Promise<void> {
    const { choose, history, client, store } = this.calling;
    const { target, caps } = this;
    this.open ??= { leaseId: randomUUID(), identity: choose(2) === 0 ? 'reader' : 'writer' };
    const asked: PoolAsked = { do: 'acquire', ...this.open };
    const { leaseId, identity } = this.open;
    const key = { target, tenantId: 'histories', identity };
    await history.note<PoolAnswer>({ client, on: target, asked }, async () => {
      const request = { key, holder: client, leaseId, leaseTtlMs: DAY_MS, aliveForMs: DAY_MS, ...caps };
      const result = await store.pool.acquire(request);
      if (!result.ok) return { refused: result.reason };
      this.held = result.value;
      const { slotId, sessionId, fencingToken, recovered } = result.value;
      return { slotId, sessionId, token: fencingToken, recovered };
    });
    this.open = undefined;
  }

  private do(lease: PoolLease, choice: number): Promise<PoolAnswer> {
    const { history, client, store } = this.calling;
    const { leaseId, slotId, fencingToken } = lease;
    const slot: SlotLease = { leaseId, slotId, token: fencingToken };
    const note = (asked: PoolAsked, call: () => Promise<Result<unknown, string> | undefined>): Promise<PoolAnswer> =>
      history.note({ client, on: this.target, asked }, async () => told(await call()));
    if (choice === 0) {
      const renew = async () => (await store.pool.renew([{ lease, lifetime: LIFETIMES }], DAY_MS))[0];
      return note({ do: 'renew', lease: slot }, renew);
    }
    if (choice === 1 && lease.sessionId !== null)
      return note({ do: 'release', lease: slot }, () => store.pool.release(lease, LIFETIMES));
    if (choice < 3) return note({ do: 'discard', lease: slot }, () => store.pool.discard(lease, 0));
    const sessionId = randomUUID();
    return note({ do: 'register', lease: slot, sessionId }, async () => {
      const result = await store.pool.register(lease, { sessionId, ...LIFETIMES, retireAfterMs: DAY_MS });
      if (result.ok && this.held === lease) this.held = result.value;
      return result;
    });
  }
}
