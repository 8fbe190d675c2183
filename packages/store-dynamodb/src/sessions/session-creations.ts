import { ok, refused } from '@mooring/session-store';
import type { CreateOptions, NewSession, Result, SessionRecord } from '@mooring/session-store';
import { afterWrite, uncertain } from '../errors.ts';
import type { Keys } from '../keys.ts';
import type { DynamoTable } from '../table/dynamo-table.ts';
import type { Item } from '../table/item.ts';
import type { CutOffs } from './cut-offs.ts';
import { deathOf, newItem, numberIn, recordOf } from './session-item.ts';
import { endOf, postponementOf, revocationOf } from './session-updates.ts';
import { newStamp } from '../stamp.ts';
import { SubjectMaximum } from './subject-maximum.ts';

const MOST_ROUNDS = 8;
/** Of an item that is nobody's and dead. */
const DEAD =
  'version = :version AND attribute_not_exists(subject) AND (attribute_exists(revokedAt) OR idleAt <= :now OR endsAt <= :now)';

type Created = Result<SessionRecord, 'exists'>;

/** Creations. One that is under way while all sessions of its subject are ended ends its own. */
export class SessionCreations {
  private readonly maximum: SubjectMaximum;

  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly cutOffs: CutOffs,
  ) {
    this.maximum = new SubjectMaximum(table, keys);
  }

  async create(
    operation: string,
    session: NewSession,
    json: string,
    options: CreateOptions,
  ): Promise<Result<SessionRecord, 'exists' | 'limit'>> {
    const { subjectId } = session;
    const { maxPerSubject } = options;
    if (subjectId === null) return this.insert(operation, session, json, options.replace === 'dead');
    if (maxPerSubject === undefined) return this.insertOf(operation, { ...session, subjectId }, json);
    const within = await this.maximum.within(
      operation,
      { ...session, subjectId },
      { ...options, maxPerSubject },
      async () => {
        const answer = await this.insertOf(operation, { ...session, subjectId }, json);
        return { created: answer.ok, answer };
      },
    );
    if (!within.ok) {
      const isTaken = (await this.table.get(operation, this.keys.session(session))) !== undefined;
      return refused(isTaken ? 'exists' : 'limit');
    }
    const now = this.table.now();
    await afterWrite(
      Promise.all(
        within.value.evicted.map((id) =>
          this.table.update(operation, {
            ...revocationOf(this.keys.session({ tenantId: session.tenantId, id }), 'evicted', now),
            current: false,
          }),
        ),
      ),
    );
    return within.value.answer;
  }

  /**
   * The subject's `notBefore` is looked at after the session was written and before anybody is told of it: either the end
   * of all sessions saw this one, or this sees its `notBefore`. A session that it did not see is from after it, also where
   * this clock is behind the one that wrote it.
   */
  private async insertOf(
    operation: string,
    session: NewSession & { readonly subjectId: string },
    json: string,
  ): Promise<Created> {
    const created = await this.insert(operation, session, json, false);
    return afterWrite(this.comparedWithCutOff(operation, session, created));
  }

  private async comparedWithCutOff(
    operation: string,
    session: NewSession & { readonly subjectId: string },
    created: Created,
  ): Promise<Created> {
    const { tenantId, subjectId } = session;
    const cutOff = await this.cutOffs.find(operation, tenantId, subjectId);
    if (cutOff === undefined || cutOff.spared === session.id) return created;
    const key = this.keys.session(session);
    if (created.ok && created.value.authenticatedAt < cutOff.notBefore) {
      const authenticatedAt = cutOff.notBefore + 1;
      const moved = await this.table.update(operation, postponementOf(key, authenticatedAt));
      return moved.done ? ok({ ...created.value, authenticatedAt }) : created;
    }
    const end = endOf(key, 'not before', cutOff.notBefore);
    // A session that was there already may be another subject's.
    const when = `${end.when} AND subject = :subject`;
    await this.table.update(operation, { ...end, when, values: { ...end.values, subject: subjectId } });
    return created;
  }

  private async insert(operation: string, session: NewSession, json: string, replacesDead: boolean): Promise<Created> {
    const stamp = newStamp();
    let replaced: Item | undefined;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const now = this.table.now();
      const before = replaced === undefined ? 0 : numberIn(operation, replaced, 'version');
      const item = newItem(this.keys, session, json, { now, stamp, version: before + 1 });
      const when = replaced === undefined ? 'attribute_not_exists(pk)' : DEAD;
      const written = await this.table.put(operation, item, when, { now, version: before });
      if (written.done) return ok(recordOf(operation, session, written.item));
      const { current } = written;
      if (current === undefined) {
        // Collected meanwhile.
        replaced = undefined;
        continue;
      }
      // The answer to an earlier try was lost.
      if (current['stamp'] === stamp) return ok(recordOf(operation, session, current));
      if (written.isUncertain) throw uncertain(operation);
      const isFree = replacesDead && current['subject'] === undefined && deathOf(operation, current, now) !== undefined;
      if (!isFree) return refused('exists');
      replaced = current;
    }
    return refused('exists');
  }
}
