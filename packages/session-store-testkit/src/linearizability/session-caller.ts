import type { Result, SessionRecord, SessionRef } from '@mooring/session-store';
import { DAY_MS } from '../samples.ts';
import type { Caller, Calling } from './caller.ts';
import type { SessionAnswer, SessionAsked } from './session-specification.ts';

const LIFE = { subjectId: null, idleTimeoutMs: DAY_MS, lifetimeMs: DAY_MS };

function shown(result: Result<SessionRecord, string>): SessionAnswer {
  if (!result.ok) return { refused: result.reason };
  const { version, data } = result.value;
  const { value } = data;
  return { version, value: typeof value === 'string' ? value : 'of another kind' };
}

/** Creates, reads, changes and revokes a few sessions that others work on, too. */
export class SessionCaller implements Caller {
  /** The version of each session that this caller was shown last. */
  private readonly versions = new Map<string, number>();
  private count = 0;

  constructor(
    private readonly calling: Calling,
    private readonly refs: readonly SessionRef[],
  ) {}

  async step(): Promise<void> {
    const { choose, history, client } = this.calling;
    const ref = this.refs[choose(this.refs.length)];
    if (ref === undefined) return;
    const asked = this.next(ref);
    const answer = await history.note({ client, on: ref.id, asked }, () => this.ask(ref, asked));
    if ('version' in answer) this.versions.set(ref.id, answer.version);
    else this.versions.delete(ref.id);
  }

  private next({ id }: SessionRef): SessionAsked {
    const { choose, client } = this.calling;
    const expectedVersion = this.versions.get(id);
    const choice = choose(20);
    const value = `${client}.${(this.count += 1)}`;
    if (choice < 3) return { do: 'create', value };
    if (choice < 4) return { do: 'revoke' };
    if (choice < 8 || expectedVersion === undefined) return { do: choice % 2 === 0 ? 'get' : 'touch' };
    return { do: 'update', expectedVersion, value };
  }

  private async ask(ref: SessionRef, asked: SessionAsked): Promise<SessionAnswer> {
    const { sessions } = this.calling.store;
    if (asked.do === 'create')
      return shown(await sessions.create({ ...ref, ...LIFE, data: { value: asked.value } }, { replace: 'dead' }));
    if (asked.do === 'get') return shown(await sessions.get(ref));
    if (asked.do === 'update')
      return shown(await sessions.update(ref, asked.expectedVersion, { data: { value: asked.value } }));
    if (asked.do === 'touch') {
      const touched = await sessions.touch(ref);
      return touched.ok ? shown({ ok: true, value: touched.value.session }) : { refused: touched.reason };
    }
    const revoked = await sessions.revoke(ref, 'history');
    return revoked.ok ? { revokedAt: revoked.value.revokedAt } : { refused: revoked.reason };
  }
}
