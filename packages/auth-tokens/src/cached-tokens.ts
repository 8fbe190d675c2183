import { createHash } from 'node:crypto';
import { ok, refused, systemClock } from '@mooring/session-store';
import type { Clock, EpochMs, Result } from '@mooring/session-store';
import type { AuthTokens, Principal } from './auth-tokens.ts';
import { AuthTokenError } from './errors.ts';
import type { TokenRefusal } from './events.ts';
import { wholeNumber } from './options.ts';

export interface CachedTokensOptions {
  readonly tokens: Pick<AuthTokens, 'examine'>;
  /**
   * How long a good answer may be used again without asking, 0 to 60,000 ms: for so long a token that was revoked in
   * another process may still be taken here (ASVS 7.4.1 wants none). Default 0: no good answer is kept.
   */
  readonly maxStalenessMs?: number;
  /** The most answers of each kind, 1 to 10,000,000. Default 10,000. */
  readonly maxEntries?: number;
  readonly clock?: Pick<Clock, 'now'>;
}

interface Kept {
  readonly principal: Principal;
  readonly until: EpochMs;
}

/** Once so, for ever so. */
const FINAL: ReadonlySet<TokenRefusal> = new Set(['revoked', 'reused', 'expired_idle', 'expired_absolute']);

/**
 * Answers of verifications, kept in the process. That a token is dead is kept always, since it never changes; that one is
 * good only for `maxStalenessMs`, where that is asked for. Tokens themselves are not kept, only their hashes.
 */
export class CachedTokens {
  private readonly good = new Map<string, Kept>();
  private readonly dead = new Set<string>();
  private readonly asked = new Map<string, Promise<Result<Principal, TokenRefusal>>>();
  private readonly maxStalenessMs: number;
  private readonly maxEntries: number;
  private readonly clock: Pick<Clock, 'now'>;
  /** Grows with each `forget`: an answer that was under way then is not kept. */
  private epoch = 0;

  /** @throws AuthTokenError */
  constructor(private readonly options: CachedTokensOptions) {
    const { maxStalenessMs = 0, maxEntries = 10_000, clock = systemClock } = options;
    wholeNumber('maxStalenessMs', maxStalenessMs, 0, 60_000);
    wholeNumber('maxEntries', maxEntries, 1, 10_000_000);
    if (options.tokens === undefined) throw new AuthTokenError('tokens is needed');
    [this.maxStalenessMs, this.maxEntries, this.clock] = [maxStalenessMs, maxEntries, clock];
  }

  async verify(token: unknown): Promise<Result<Principal, 'invalid'>> {
    if (typeof token !== 'string') return refused('invalid');
    const key = createHash('sha256').update(token).digest('base64url');
    if (this.dead.has(key)) return refused('invalid');
    const kept = this.good.get(key);
    if (kept !== undefined && this.clock.now() < kept.until) return ok(kept.principal);
    this.good.delete(key);
    const answer = await (this.maxStalenessMs === 0 ? this.ask(key, token) : this.askOnce(key, token));
    return answer.ok ? answer : refused('invalid');
  }

  /** Drops what is kept of a session, or of all: for who ended it in this process, and need not wait. */
  forget(sessionId?: string): void {
    this.epoch += 1;
    this.asked.clear();
    for (const [key, { principal }] of this.good) {
      if (sessionId === undefined || principal.id === sessionId) this.good.delete(key);
    }
  }

  private askOnce(key: string, token: string): Promise<Result<Principal, TokenRefusal>> {
    const asked = this.asked.get(key);
    if (asked !== undefined) return asked;
    const answer = this.ask(key, token).finally(() => {
      if (this.asked.get(key) === answer) this.asked.delete(key);
    });
    this.asked.set(key, answer);
    return answer;
  }

  private async ask(key: string, token: string): Promise<Result<Principal, TokenRefusal>> {
    const { epoch } = this;
    const askedAt = this.clock.now();
    const answer = await this.options.tokens.examine(token);
    if (!answer.ok) {
      if (FINAL.has(answer.reason)) this.note(this.dead, key, () => this.dead.add(key));
      return answer;
    }
    const principal = answer.value;
    // The stretch begins when the store was asked: by its answer, the token may have been revoked already.
    const until = Math.min(askedAt + this.maxStalenessMs, principal.idleExpiresAt, principal.absoluteExpiresAt);
    if (epoch === this.epoch && until > this.clock.now()) {
      this.note(this.good, key, () => this.good.set(key, { principal, until }));
    }
    return answer;
  }

  /** The oldest makes room. */
  private note(entries: Map<string, Kept> | Set<string>, key: string, add: () => void): void {
    entries.delete(key);
    const oldest = entries.size >= this.maxEntries ? entries.keys().next().value : undefined;
    if (oldest !== undefined) entries.delete(oldest);
    add();
  }
}
