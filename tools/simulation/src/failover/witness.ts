import { isDeepStrictEqual } from 'node:util';
import type { SessionRecord, SessionRef } from '@mooring/session-store';

/** What is certain of a session since its changes were acknowledged. */
export interface Certainty {
  readonly version: number;
  readonly lastSeenAt: number;
  readonly isOver: boolean;
}

export interface KnownSession extends SessionRef {
  readonly subjectId: string | null;
  readonly retired: string[];
  certain: Certainty;
  record: SessionRecord;
}

/** Compares answers with what was acknowledged before they were asked for. */
export class Witness {
  readonly sessions: KnownSession[] = [];
  answers = 0;
  private readonly versions = new Map<string, unknown>();

  constructor(private readonly violate: (invariant: string, message: string) => void) {}

  created(record: SessionRecord): KnownSession {
    const { tenantId, id, subjectId, version, lastSeenAt } = record;
    const known = { tenantId, id, subjectId, record, retired: [], certain: { version, lastSeenAt, isOver: false } };
    this.sessions.push(known);
    this.consistent(record);
    return known;
  }

  changed(known: KnownSession, record: SessionRecord): void {
    this.consistent(record);
    const { version, lastSeenAt } = record;
    const { certain } = known;
    if (version < certain.version || (version === certain.version && lastSeenAt <= certain.lastSeenAt)) return;
    known.certain = { ...certain, version, lastSeenAt };
    if (version >= known.record.version) known.record = record;
  }

  over(known: KnownSession): void {
    known.certain = { ...known.certain, isOver: true };
  }

  /** An answer to a call that began when this much was certain, and when it was this late at the authority. */
  answered(known: KnownSession, before: Certainty, time: number, record: SessionRecord): void {
    this.answers += 1;
    this.consistent(record);
    if (record.version >= known.record.version) known.record = record;
    const found = `version ${record.version}, seen at ${record.lastSeenAt}`;
    if (before.isOver) this.violate('no resurrection', `a session that was over was answered: ${found}`);
    if (record.version < before.version) {
      this.violate('no older answers', `${found}, and version ${before.version} was acknowledged`);
    }
    if (record.version === before.version && record.lastSeenAt < before.lastSeenAt) {
      this.violate('no older answers', `${found}, and a use at ${before.lastSeenAt} was acknowledged`);
    }
    if (time >= Math.min(record.idleExpiresAt, record.absoluteExpiresAt)) {
      this.violate('no resurrection', `a session that had expired was answered: ${found}`);
    }
  }

  /** Of one version there is one state. */
  private consistent({ id, version, data, verifier }: SessionRecord): void {
    const key = `${id} ${version}`;
    const state = { data, verifier };
    const known = this.versions.get(key);
    if (known === undefined) this.versions.set(key, state);
    else if (!isDeepStrictEqual(known, state)) this.violate('one state per version', `version ${version} has two`);
  }
}
