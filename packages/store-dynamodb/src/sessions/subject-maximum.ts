import { ok, refused } from '@mooring/session-store';
import type { CreateOptions, EpochMs, NewSession, Result } from '@mooring/session-store';
import { Documents } from '../documents/documents.ts';
import { jsonForm } from '../documents/document-form.ts';
import type { DocumentKind } from '../documents/documents.ts';
import { contended, corrupt } from '../errors.ts';
import type { Keys } from '../keys.ts';
import type { DynamoTable } from '../table/dynamo-table.ts';
import type { Item } from '../table/item.ts';
import { pause } from '../table/requests.ts';
import { BY_SUBJECT } from '../table/table-definition.ts';
import { deathOf, placesOf } from './session-item.ts';

/** Longer than a creation that counted may take to write its session. */
const CLAIMED_MS = 30_000;
const MOST_ROUNDS = 40;

/** Creations under way of a subject: session id, and until when it counts. */
type Claims = ReadonlyMap<string, EpochMs>;

const CLAIMS: DocumentKind<Claims> = {
  empty: new Map(),
  isMostlyNew: true,
  weight: (claims) => claims.size + 5,
  remembered: 10_000,
  ...jsonForm<Claims>({
    read(operation, stored) {
      if (!Array.isArray(stored)) throw corrupt(operation, 'the claims of a subject are no list');
      return new Map(stored as readonly (readonly [string, EpochMs])[]);
    },
    write: (claims) => [...claims].map(([id, until]) => [id, until]),
  }),
  deadline: (claims) => Math.max(0, ...claims.values()),
};

type Place =
  /** Taken. These sessions must go for it to fit. */
  | { readonly evicted: readonly string[] }
  /** What became of these must be looked up first. */
  | { readonly unknown: readonly string[] }
  | 'limit'
  /** Others are about to write the sessions that would have to go. */
  | 'wait';

type OfSubject = NewSession & { readonly subjectId: string };
type WithMaximum = CreateOptions & { readonly maxPerSubject: number };

/**
 * At most so many live sessions of a subject. A creation counts what the index shows and what others claim, and claims a
 * place itself, by compare-and-set on the claims: of two that count at once, one counts again. Then its session is
 * written. A claim ends by itself, so a crash in between blocks a place for half a minute at most.
 */
export class SubjectMaximum {
  private readonly claims: Documents<Claims>;
  /** Creations of one process for one subject come one after the other. */
  private readonly last = new Map<string, Promise<unknown>>();

  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
  ) {
    this.claims = new Documents(table, CLAIMS);
  }

  /** Runs `create` in a place of its own. Answers its answer and the sessions that must go for it to fit. */
  async within<Answer>(
    operation: string,
    session: OfSubject,
    options: WithMaximum,
    create: () => Promise<{ readonly created: boolean; readonly answer: Answer }>,
  ): Promise<Result<{ readonly answer: Answer; readonly evicted: readonly string[] }, 'limit'>> {
    const { pk } = this.keys.claims(session.tenantId, session.subjectId);
    const before = this.last.get(pk) ?? Promise.resolve();
    const turn = before
      .then(() => this.claim(operation, session, options))
      .then(async (place) => {
        if (place === 'limit') return refused('limit');
        const { created, answer } = await create();
        if (!created) await this.giveBack(operation, session);
        return ok({ answer, evicted: created ? place.evicted : [] });
      });
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.last.set(pk, settled);
    void settled.then(() => {
      if (this.last.get(pk) === settled) this.last.delete(pk);
    });
    return turn;
  }

  private async claim(
    operation: string,
    session: OfSubject,
    options: WithMaximum,
  ): Promise<'limit' | { readonly evicted: readonly string[] }> {
    const { tenantId, subjectId } = session;
    const key = this.keys.claims(tenantId, subjectId);
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      let sessions = await this.listed(operation, tenantId, subjectId);
      const looked = new Set<string>();
      for (;;) {
        const place = await this.claims.change<Place>(operation, key, (claims, now) => {
          const live = inOrderOf(claims, sessions).filter(
            (item) => item['sk'] !== session.id && deathOf(operation, item, now) === undefined,
          );
          const known = new Set(sessions.map(({ sk }) => sk));
          const others = new Map([...claims].filter(([id, until]) => until > now && id !== session.id));
          const underWay = [...others.keys()].filter((id) => !known.has(id));
          const answer = placeOf(live, underWay, looked, options);
          if (typeof answer === 'string' || 'unknown' in answer) return { answer };
          const until = now + Math.min(CLAIMED_MS, session.idleTimeoutMs, session.lifetimeMs);
          return { answer, next: others.set(session.id, until) };
        });
        if (place === 'wait') break;
        if (place === 'limit' || 'evicted' in place) return place;
        for (const id of place.unknown) looked.add(id);
        const sought = place.unknown.map((id) => this.keys.session({ tenantId, id }));
        sessions = [...sessions, ...(await this.table.getAll(operation, sought))];
      }
      await pause(round);
    }
    throw contended(operation);
  }

  private async giveBack(operation: string, session: OfSubject): Promise<void> {
    await this.claims.change(operation, this.keys.claims(session.tenantId, session.subjectId), (claims) => {
      const left = new Map(claims);
      return left.delete(session.id) ? { answer: undefined, next: left } : { answer: undefined };
    });
  }

  /** The sessions of a subject that were not revoked, oldest first. */
  private async listed(operation: string, tenantId: string, subjectId: string): Promise<readonly Item[]> {
    const items: Item[] = [];
    let after: Item | undefined;
    do {
      const page = await this.table.query(operation, {
        index: BY_SUBJECT,
        where: 'pk = :pk AND begins_with(ix, :places)',
        values: { pk: this.keys.subjectSessions(tenantId, subjectId), places: placesOf(subjectId) },
        limit: 1000,
        whole: true,
        after,
      });
      items.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return items;
  }
}

/**
 * Oldest first: those that nobody claims any more, then as they were claimed. Their own times don't tell two of one moment,
 * or of two clocks, apart, and creations that don't agree on which is older let more go than have to.
 */
function inOrderOf(claims: Claims, sessions: readonly Item[]): readonly Item[] {
  const places = new Map([...claims.keys()].map((id, place) => [id, place]));
  const placeOfItem = ({ sk }: Item): number => places.get(String(sk)) ?? -1;
  return sessions.toSorted((one, other) => placeOfItem(one) - placeOfItem(other));
}

/** What the index does not show may have ended since it was claimed, or be written since the index was read. */
function placeOf(
  live: readonly Item[],
  underWay: readonly string[],
  looked: ReadonlySet<string>,
  { maxPerSubject, onLimit = 'reject' }: WithMaximum,
): Place {
  const over = Math.max(0, live.length + underWay.length + 1 - maxPerSubject);
  const unknown = underWay.filter((id) => !looked.has(id));
  if (over > 0 && unknown.length > 0) return { unknown };
  if (over > 0 && onLimit === 'reject') return 'limit';
  return over > live.length ? 'wait' : { evicted: live.slice(0, over).map(({ sk }) => String(sk)) };
}
