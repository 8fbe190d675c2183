import { randomBytes } from 'node:crypto';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';

/** Cost of argon2id. OWASP's least is 19,456 KiB with 2 passes, or what costs as much. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

export interface PasswordHasherOptions {
  readonly cost: PasswordCost;
  /** How many are computed at once, off the event loop. Each takes the memory of its cost. */
  readonly atOnce: number;
  /** How many more may wait for their turn. */
  readonly maxWaiting: number;
  /** Around each, its wait included: for a span. */
  readonly around?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** More passwords are to be looked at than there is room for. Says nothing of any of them. */
export class PasswordQueueFull extends Error {
  override readonly name = 'PasswordQueueFull';
  readonly code = 'queue_full';
  readonly retryable = true;
  readonly retryAfterMs = 2000;

  constructor() {
    super('too many passwords are waiting to be looked at');
  }
}

export interface PasswordCheck {
  readonly matches: boolean;
  /** The hash was made at another cost: make a new one while the password is at hand. */
  readonly outdated: boolean;
}

/** Hashes of passwords by argon2id, a bounded number at once. Passwords count by their NFC form. */
export class PasswordHasher {
  private readonly limit: LimitFunction;
  private readonly nobodys: Promise<string>;
  private started = 0;

  constructor(private readonly options: PasswordHasherOptions) {
    this.limit = pLimit(options.atOnce);
    this.nobodys = hash(randomBytes(32), this.argonOptions());
    // Whoever needs it gets the failure.
    this.nobodys.catch(() => undefined);
  }

  /** Hashes that were begun. */
  get total(): number {
    return this.started;
  }

  get running(): number {
    return this.limit.activeCount;
  }

  get waiting(): number {
    return this.limit.pendingCount;
  }

  /** @throws PasswordQueueFull */
  async hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password.normalize('NFC'), this.argonOptions()));
  }

  /** @throws PasswordQueueFull */
  async verify(passwordHash: string, password: string): Promise<PasswordCheck> {
    const matches = await this.inTurn(() => verify(passwordHash, password.normalize('NFC')));
    return { matches, outdated: this.isOutdated(passwordHash) };
  }

  /**
   * Takes as long as `verify`, for nobody: where there is no such user, or an answer must not be told from one.
   *
   * @throws PasswordQueueFull
   */
  async verifyInVain(password: string): Promise<void> {
    const nobodys = await this.nobodys;
    await this.inTurn(() => verify(nobodys, password.normalize('NFC')));
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.limit.pendingCount >= this.options.maxWaiting && this.limit.activeCount >= this.options.atOnce) {
      throw new PasswordQueueFull();
    }
    const { around = (inner) => inner() } = this.options;
    return around(() =>
      this.limit(() => {
        this.started += 1;
        return work();
      }),
    );
  }

  private isOutdated(passwordHash: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
    const wanted = this.argonOptions();
    return memoryCost !== wanted.memoryCost || timeCost !== wanted.timeCost || parallelism !== wanted.parallelism;
  }

  private argonOptions() {
    const { memoryKib, passes, lanes } = this.options.cost;
    return { memoryCost: memoryKib, timeCost: passes, parallelism: lanes };
  }
}
