import assert from 'node:assert/strict';
import type { Digest, SessionRef, StoreBackend } from '@mooring/session-store';
import { accepted, refusedAs } from '../expectations.ts';
import { DAY_MS, digest, refOf, sessionOf } from '../samples.ts';
import { Trace } from './trace.ts';

/** What is known of one session. */
interface Known {
  readonly ref: SessionRef;
  /** `maybe`: nobody answered. */
  created: 'yes' | 'no' | 'maybe';
  revoked: 'yes' | 'no' | 'maybe';
  leastVersion: number;
  mostVersion: number;
  lastSeenAt: number;
  /** Undefined: one of two. */
  verifier: Digest | undefined;
}

/** Logins: each session is created, touched and updated, and then either revoked or rotated. */
export class SessionTrace extends Trace {
  private readonly sessions: Known[] = [];

  constructor(tenantId: string) {
    super('sessions', tenantId);
  }

  async step({ sessions }: StoreBackend): Promise<void> {
    const count = this.sessions.length;
    const first = digest(`first-${count}`);
    const session = sessionOf({
      tenantId: this.tenantId,
      subjectId: `subject-${count % 10}`,
      idleTimeoutMs: DAY_MS,
      lifetimeMs: DAY_MS,
      verifier: first,
    });
    const ref = refOf(session);
    const known: Known = {
      ref,
      created: 'maybe',
      revoked: 'no',
      leastVersion: 1,
      mostVersion: 1,
      lastSeenAt: 0,
      verifier: first,
    };
    this.sessions.push(known);
    accepted(await this.ask(sessions.create(session), () => (known.created = 'no')));
    known.created = 'yes';
    known.lastSeenAt = accepted(await this.ask(sessions.touch(ref))).session.lastSeenAt;
    known.mostVersion = 2;
    accepted(await this.ask(sessions.update(ref, 1, { data: { count } }), () => (known.mostVersion = 1)));
    known.leastVersion = 2;
    await (count % 2 === 0 ? this.revoke(sessions, known) : this.rotate(sessions, known, count));
  }

  private async revoke(sessions: StoreBackend['sessions'], known: Known): Promise<void> {
    known.revoked = 'maybe';
    accepted(await this.ask(sessions.revoke(known.ref, 'logout'), () => (known.revoked = 'no')));
    known.revoked = 'yes';
  }

  private async rotate(sessions: StoreBackend['sessions'], known: Known, count: number): Promise<void> {
    const presented = known.verifier as Digest;
    const next = digest(`next-${count}`);
    known.verifier = undefined;
    known.mostVersion = 3;
    const rotation = { presented, next, graceMs: 0 };
    accepted(
      await this.ask(sessions.rotate(known.ref, rotation), () => {
        known.mostVersion = 2;
        known.verifier = presented;
      }),
    );
    known.leastVersion = 3;
    known.verifier = next;
  }

  async verify({ sessions }: StoreBackend, survived: boolean): Promise<void> {
    for (const known of this.sessions) {
      const result = await sessions.get(known.ref);
      if (known.created === 'no') refusedAs(result, 'not_found');
      if (known.created !== 'yes' || !survived) continue;
      if (known.revoked === 'yes') refusedAs(result, 'revoked');
      if (known.revoked === 'maybe' && !result.ok) refusedAs(result, 'revoked');
      if (known.revoked === 'yes' || (known.revoked === 'maybe' && !result.ok)) continue;
      const { version, lastSeenAt } = accepted(result);
      assert.ok(version >= known.leastVersion, `an update or a rotation was lost: version ${version}`);
      assert.ok(version <= known.mostVersion, `what was refused happened: version ${version}`);
      assert.ok(lastSeenAt >= known.lastSeenAt, 'a touch was lost');
      if (known.verifier !== undefined) accepted(await sessions.touch(known.ref, { presented: known.verifier }));
    }
  }
}
