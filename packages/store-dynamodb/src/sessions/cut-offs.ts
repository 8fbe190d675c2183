import type { EpochMs } from '@mooring/session-store';
import { afterWrite, contended, corrupt } from '../errors.ts';
import type { Keys } from '../keys.ts';
import type { DynamoTable } from '../table/dynamo-table.ts';
import type { Item } from '../table/item.ts';
import { BY_SUBJECT } from '../table/table-definition.ts';
import { dueOf, placesOf } from './session-item.ts';
import { endOf } from './session-updates.ts';

/** When a sweep finishes what a crash left. */
const FINISHED_AFTER_MS = 60_000;
/** For creations by clocks that are behind, and sessions that lost their place in the index. */
const KEPT_S = 86_400;
const MOST_AT_ONCE = 32;
const MOST_ROUNDS = 8;

export interface CutOff {
  readonly notBefore: EpochMs;
  /** A session that stays alive. */
  readonly spared: string | undefined;
}

/** What a cut-off came to. */
interface Reach {
  /** How many sessions lived, where no answer was lost. */
  readonly ended: number | undefined;
  /** When the last of those was authenticated that it did not reach; 0 when it reached all. */
  readonly beyond: EpochMs;
}

/** A subject's `notBefore`, and what it ends. */
export class CutOffs {
  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
  ) {}

  /**
   * Ends every session of a subject that is there. One that a clock ahead of this one wrote is later than now: the
   * `notBefore` moves to it.
   */
  async endAll(
    operation: string,
    tenantId: string,
    subjectId: string,
    spared: string | undefined,
    reason: string,
  ): Promise<{ readonly notBefore: EpochMs; readonly revoked: number | undefined }> {
    const move = (at: EpochMs): Promise<CutOff> => this.move(operation, tenantId, subjectId, { spared, reason, at });
    const apply = (cutOff: CutOff): Promise<Reach> => this.apply(operation, tenantId, subjectId, cutOff, reason);
    const { notBefore } = await move(this.table.now());
    return afterWrite(
      (async () => {
        const { ended, beyond } = await apply({ notBefore, spared });
        if (beyond === 0) return { notBefore, revoked: ended };
        const moved = await move(beyond);
        const later = await apply(moved);
        return { notBefore: moved.notBefore, revoked: sumOf(ended, later.ended) };
      })(),
    );
  }

  /** Moves the `notBefore` of a subject, never back. */
  private async move(
    operation: string,
    tenantId: string,
    subjectId: string,
    { spared, reason, at }: { readonly spared: string | undefined; readonly reason: string; readonly at: EpochMs },
  ): Promise<CutOff> {
    const key = this.keys.cutOff(tenantId, subjectId);
    let notBefore = at;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const written = await this.table.update(operation, {
        key,
        change: `SET notBefore = :at, tenant = :tenant, subject = :subject, reason = :reason, dueIn = :dueIn, dueAt = :dueAt, collectAt = :collectAt ${spared === undefined ? 'REMOVE spared' : ', spared = :spared'}`,
        when: 'attribute_not_exists(notBefore) OR notBefore <= :at',
        values: {
          at: notBefore,
          tenant: tenantId,
          subject: subjectId,
          reason,
          spared,
          collectAt: Math.ceil(notBefore / 1000) + KEPT_S,
          ...dueOf(this.keys, key.pk, notBefore + FINISHED_AFTER_MS),
        },
        answer: 'none',
      });
      if (written.done) return { notBefore, spared };
      if (written.current !== undefined) {
        notBefore = Math.max(notBefore, cutOffOf(operation, written.current).notBefore);
      }
    }
    throw contended(operation);
  }

  async find(operation: string, tenantId: string, subjectId: string): Promise<CutOff | undefined> {
    const item = await this.table.get(operation, this.keys.cutOff(tenantId, subjectId));
    return item === undefined ? undefined : cutOffOf(operation, item);
  }

  /** Whether the cut-off of its subject ends a session. */
  async cuts(operation: string, tenantId: string, { subject, sk, authenticatedAt }: Item): Promise<CutOff | undefined> {
    const cutOff = await this.find(operation, tenantId, String(subject));
    const isCut = cutOff !== undefined && cutOff.spared !== sk && Number(authenticatedAt) <= cutOff.notBefore;
    return isCut ? cutOff : undefined;
  }

  /** Ends every session of the subject that the index knows and the cut-off reaches. */
  private async apply(
    operation: string,
    tenantId: string,
    subjectId: string,
    { notBefore, spared }: CutOff,
    reason: string,
  ): Promise<Reach> {
    let ended: number | undefined = 0;
    let beyond = 0;
    let after: Item | undefined;
    do {
      const page = await this.table.query(operation, {
        index: BY_SUBJECT,
        where: 'pk = :pk AND begins_with(ix, :places)',
        values: { pk: this.keys.subjectSessions(tenantId, subjectId), places: placesOf(subjectId) },
        limit: 1000,
        after,
      });
      const ids = page.items.map(({ sk }) => String(sk)).filter((id) => id !== spared);
      for (let first = 0; first < ids.length; first += MOST_AT_ONCE) {
        const ends = await Promise.all(
          ids.slice(first, first + MOST_AT_ONCE).map((id) => this.end(operation, tenantId, id, notBefore, reason)),
        );
        ended = ends.reduce<number | undefined>((sum, end) => sumOf(sum, end.ended), ended);
        beyond = Math.max(beyond, ...ends.map((end) => end.beyond));
      }
      after = page.next;
    } while (after !== undefined);
    return { ended, beyond };
  }

  /** What `apply` may not have come to: its process ended, or it failed. The sweep found the subject's item due. */
  async finish(operation: string, item: Item): Promise<void> {
    const { tenant, subject, reason, notBefore } = item;
    if (typeof tenant !== 'string' || typeof subject !== 'string') throw corrupt(operation, 'a cut-off lacks a part');
    await this.apply(operation, tenant, subject, cutOffOf(operation, item), String(reason));
    await this.table.update(operation, {
      key: this.keys.cutOff(tenant, subject),
      change: 'REMOVE dueIn, dueAt',
      when: 'notBefore = :notBefore',
      values: { notBefore },
      answer: 'none',
      current: false,
    });
  }

  private async end(
    operation: string,
    tenantId: string,
    id: string,
    notBefore: EpochMs,
    reason: string,
  ): Promise<Reach> {
    const end = endOf(this.keys.session({ tenantId, id }), reason, notBefore);
    const written = await this.table.update(operation, { ...end, current: true });
    if (!written.done) {
      const { current, isUncertain } = written;
      const isBeyond = current !== undefined && current['revokedAt'] === undefined;
      return { ended: isUncertain ? undefined : 0, beyond: isBeyond ? Number(current['authenticatedAt']) : 0 };
    }
    const { idleAt, endsAt } = written.item;
    const now = this.table.now();
    return { ended: Number(idleAt) > now && Number(endsAt) > now ? 1 : 0, beyond: 0 };
  }
}

/** Undefined where either is not known. */
function sumOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}

function cutOffOf(operation: string, { notBefore, spared }: Item): CutOff {
  if (typeof notBefore !== 'number') throw corrupt(operation, 'a cut-off has no time');
  return { notBefore, spared: typeof spared === 'string' ? spared : undefined };
}
