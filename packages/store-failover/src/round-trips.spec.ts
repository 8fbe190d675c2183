import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionRecord } from '@mooring/session-store';
import { Processes, digest, newSession, settled } from './processes.fixture.ts';
import type { Process } from './processes.fixture.ts';

let process: Process;
let processes: Processes;
let session: SessionRecord;

beforeEach(async () => {
  processes = new Processes();
  process = await processes.start();
  session = await processes.copied(process);
});

/** Statements of the authority, and commands of the accelerator. */
async function during(call: () => Promise<unknown>): Promise<[string[], string[]]> {
  await call();
  await settled();
  return [process.authority.taken(), process.copies.taken()];
}

const verified = { presented: digest('v1'), minIntervalMs: 1000 };

describe('round trips', () => {
  it('a copy answers with one command and no statement', async () => {
    expect(await during(() => process.sessions.get(session))).toEqual([[], ['find']]);
    expect(await during(() => process.sessions.touch(session, verified))).toEqual([[], ['find']]);
  });

  it('a session without a copy takes one of each, and is copied in the background', async () => {
    const other = newSession();
    expect(await during(() => process.sessions.create(other))).toEqual([['create'], []]);
    expect(await during(() => process.sessions.get(other))).toEqual([['get'], ['find', 'keep']]);
    expect(await during(() => process.sessions.get(other))).toEqual([[], ['find']]);
  });

  it('a touch that is due takes the place of its copy before it is answered', async () => {
    await processes.clock.advance(1000);
    expect(await during(() => process.sessions.touch(session, verified))).toEqual([['touch'], ['find', 'forget']]);
    expect(await during(() => process.sessions.touch(session, verified))).toEqual([[], ['find']]);
    const found = await process.sessions.get(session);
    expect(found).toMatchObject({ ok: true, value: { lastSeenAt: processes.clock.now() } });
  });

  it('a touch that always writes does not look for a copy', async () => {
    expect(await during(() => process.sessions.touch(session))).toEqual([['touch'], ['forget']]);
  });

  it('a change is one statement, then one command', async () => {
    const rotation = { presented: digest('v1'), next: digest('v2'), graceMs: 0 };
    expect(await during(() => process.sessions.update(session, 1, { data: {} }))).toEqual([['update'], ['forget']]);
    expect(await during(() => process.sessions.rotate(session, rotation))).toEqual([['rotate'], ['forget']]);
    expect(await during(() => process.sessions.revoke(session, 'logout'))).toEqual([['revoke'], ['forget']]);
    const everywhere = { tenantId: 'acme', subjectId: 'ann' };
    expect(await during(() => process.sessions.revokeWhere(everywhere, 'logout'))).toEqual([
      ['revokeWhere'],
      ['forgetSubject'],
    ]);
    const evicting = () => process.sessions.create(newSession(), { maxPerSubject: 1, onLimit: 'evict-oldest' });
    expect(await during(evicting)).toEqual([['create'], ['forgetSubject']]);
  });

  it('what changes nothing forgets nothing', async () => {
    const rotation = { presented: digest('random'), next: digest('v2'), graceMs: 0 };
    expect(await during(() => process.sessions.rotate(session, rotation))).toEqual([['rotate'], []]);
    expect(await during(() => process.sessions.revoke(newSession(), 'logout'))).toEqual([['revoke'], []]);
    expect(await during(() => process.sessions.list({ tenantId: 'acme' }, { limit: 1 }))).toEqual([['list'], []]);
  });

  it('what is refused for its arguments is sent nowhere', async () => {
    const bad = { tenantId: 'acme', id: '*' };
    expect(await during(() => process.sessions.get(bad).catch(() => {}))).toEqual([[], []]);
    const touch = () => process.sessions.touch(session, { presented: 'secret', minIntervalMs: 1 }).catch(() => {});
    expect(await during(touch)).toEqual([[], []]);
  });

  it('a process in use asks for the epoch twice in the time that it may believe it', async () => {
    await processes.later(600, process);
    process.authority.taken();
    process.copies.taken();
    await processes.timer.wait(499);
    expect(await during(() => process.sessions.get(session))).toEqual([[], ['find']]);
    await processes.timer.wait(1);
    expect(await during(() => process.sessions.get(session))).toEqual([['get'], ['incarnation', 'find']]);
    expect(await during(() => process.sessions.get(session))).toEqual([[], ['find']]);
  });

  it('without copies to use a call goes straight to the authority', async () => {
    process.copies.fault = 'before';
    await processes.later(600, process);
    await processes.later(600, process);
    await processes.later(600, process);
    process.authority.taken();
    process.copies.taken();
    expect(await during(() => process.sessions.get(session))).toEqual([['get'], []]);
  });
});
