import { timingSafeEqual } from 'node:crypto';
import type { Digest, EpochMs, SessionCopy, SessionRecord, SessionRef, TouchOptions } from '@mooring/session-store';
import type { Accelerator } from './accelerator/accelerator.ts';
import type { AuthorityTime } from './authority-time.ts';
import type { Epochs, Pass } from './epochs/epochs.ts';
import type { Telling } from './observer.ts';

/** What a search for a copy gave. */
export interface Search {
  readonly pass: Pass;
  readonly marks: string;
  /** Absent when there is no copy that counts. */
  readonly record?: SessionRecord;
}

/** Copies that are being kept in the background, of one process. More are not kept. */
const MOST_KEEPING = 256;

/** Looks copies up, says when one answers for certain, and keeps them without making anybody wait. */
export class CopyDesk {
  private keeping = 0;

  constructor(
    private readonly epochs: Epochs,
    private readonly accelerator: Accelerator,
    private readonly time: AuthorityTime,
    private readonly telling: Telling,
    private readonly copyTtlMs: number,
  ) {}

  async search(ref: SessionRef): Promise<Search | undefined> {
    const pass = this.epochs.pass();
    if (pass === undefined) {
      this.telling.event('bypass');
      return undefined;
    }
    const found = await this.accelerator.attempt((copies) => copies.find(pass.epoch, ref));
    return found === undefined ? undefined : { pass, ...found.answer };
  }

  /**
   * The session of a copy that certainly is what the authority would answer: it lives, and a touch as asked for would be
   * accepted and write nothing.
   */
  answerOf(search: Search | undefined, touch?: TouchOptions): SessionRecord | undefined {
    const latest = this.time.latest();
    const record = search?.record;
    const isCertain =
      search !== undefined &&
      record !== undefined &&
      latest !== undefined &&
      latest < record.idleExpiresAt &&
      latest < record.absoluteExpiresAt &&
      (touch === undefined || isMereLook(record, touch, latest)) &&
      this.epochs.holds(search.pass);
    if (search !== undefined) this.telling.event(isCertain ? 'hit' : 'miss');
    return isCertain ? record : undefined;
  }

  /** A copy of what the authority answered after the search. */
  copyOf(search: Search | undefined, record: SessionRecord): SessionCopy | undefined {
    const latest = this.time.latest();
    if (search === undefined || latest === undefined) return undefined;
    const ttlMs = Math.min(this.copyTtlMs, record.idleExpiresAt - latest, record.absoluteExpiresAt - latest);
    return ttlMs < 1 ? undefined : { epoch: search.pass.epoch, record, marks: search.marks, ttlMs };
  }

  /** In the background. */
  keep(copy: SessionCopy | undefined): void {
    if (copy === undefined || this.keeping >= MOST_KEEPING) return;
    this.keeping += 1;
    void this.accelerator
      .attempt((copies) => copies.keep(copy))
      .finally(() => {
        this.keeping -= 1;
      });
  }

  /** In the background: a copy that the authority contradicts was left by a process that ended too early. */
  drop(search: Search | undefined, ref: SessionRef): void {
    if (search?.record !== undefined) void this.accelerator.attempt((copies) => copies.forget(ref));
  }
}

function isMereLook(record: SessionRecord, { presented, minIntervalMs = 0 }: TouchOptions, latest: EpochMs): boolean {
  return (
    latest < record.lastSeenAt + minIntervalMs &&
    (presented === undefined || (record.verifier !== null && isSame(record.verifier, presented)))
  );
}

function isSame(one: Digest, other: Digest): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
