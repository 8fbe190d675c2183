import type { Lease, Result } from '@mooring/session-store';
import { DAY_MS } from '../samples.ts';
import type { Caller, Calling } from './caller.ts';
import type { LeaseAnswer, LeaseAsked } from './lease-specification.ts';

const BRIEF_MS = [5, 20, 60] as const;

function told(result: Result<Lease | null, string>): LeaseAnswer {
  if (!result.ok) return { refused: result.reason };
  if (result.value === null) return { done: true };
  return { token: result.value.fencingToken, expiresAt: result.value.expiresAt };
}

/** Takes and gives back leases that others want, too, and goes on with those that it has lost. */
export class LeaseCaller implements Caller {
  /** By name, the last lease that it was given: it may be over. */
  private readonly last = new Map<string, Lease>();

  constructor(
    private readonly calling: Calling,
    private readonly names: readonly string[],
  ) {}

  async step(): Promise<void> {
    const { choose, history, client } = this.calling;
    const name = this.names[choose(this.names.length)] ?? '';
    const asked = this.next(this.last.get(name));
    const answer = await history.note({ client, on: name, asked }, () => this.ask(name, asked));
    if ('token' in answer) {
      this.last.set(name, { name, holder: client, fencingToken: answer.token, expiresAt: answer.expiresAt });
    }
  }

  private next(last: Lease | undefined): LeaseAsked {
    const { choose, client } = this.calling;
    const ttlMs = choose(10) < 6 ? (BRIEF_MS[choose(BRIEF_MS.length)] ?? DAY_MS) : DAY_MS;
    const choice = choose(10);
    if (last === undefined || choice < 4) return { do: 'acquire', holder: client, ttlMs };
    const token = last.fencingToken;
    if (choice < 6) return { do: 'fence', token };
    return choice < 8 ? { do: 'renew', holder: client, token, ttlMs } : { do: 'release', holder: client, token };
  }

  private async ask(name: string, asked: LeaseAsked): Promise<LeaseAnswer> {
    const { leases } = this.calling.store;
    if (asked.do === 'acquire') return told(await leases.acquire(name, asked.holder, asked.ttlMs));
    if (asked.do === 'fence') {
      const fence = { lease: name, fencingToken: asked.token };
      const swept = await this.calling.store.sweep({ target: 'leases', limit: 1, dryRun: true, fence });
      return swept.ok ? { done: true } : { refused: swept.reason };
    }
    const lease = {
      name,
      holder: asked.holder,
      fencingToken: asked.token,
      expiresAt: this.last.get(name)?.expiresAt ?? 0,
    };
    return told(await (asked.do === 'renew' ? leases.renew(lease, asked.ttlMs) : leases.release(lease)));
  }
}
