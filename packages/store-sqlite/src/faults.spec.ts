import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  symlinkSync,
  mkdirSync,
  openSync,
  closeSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import { Connection, query } from './file/connection.ts';
import { createSqliteStore } from './index.ts';
import type { SqliteStore, SqliteStoreOptions } from './index.ts';
import { networkFileSystem } from './file/private-file.ts';
import { storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

const OWNER = { tenantId: 'acme', subjectId: 'ann' };
const LIVES = { idleTimeoutMs: 86_400_000, lifetimeMs: 86_400_000 };
const isRoot = process.getuid?.() === 0;

let folder: StoreFolder;
let opened: SqliteStore[];
beforeEach(async () => {
  folder = await storeFolder();
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await folder.remove();
});

async function open(options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> {
  const store = await createSqliteStore({ file: folder.file, namespace: 'n', ...options });
  opened.push(store);
  return store;
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

function sessionOf(data: { readonly [key: string]: string } = {}) {
  return { ...OWNER, id: newSessionId(OWNER), data, ...LIVES };
}

describe('the file', () => {
  it('and what SQLite puts beside it are for their owner only', async () => {
    const store = await open();
    await store.sessions.create(sessionOf());
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(folder.file + suffix).mode & 0o777).toBe(0o600);
  });

  it('is refused while others may read it', async () => {
    await (await open()).close();
    chmodSync(folder.file, 0o644);
    expect(await failureOf(open())).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('0600') });
  });

  it('of another program is refused and left as it is', async () => {
    const other = new Connection(folder.file);
    other.exec('create table notes (text)');
    other.close();
    chmodSync(folder.file, 0o600);
    expect(await failureOf(open())).toMatchObject({ code: 'misconfigured' });
    const after = new Connection(folder.file);
    expect(after.all(query<{ name: string }>('select name from sqlite_schema'))).toEqual([{ name: 'notes' }]);
    after.close();
  });

  it('of a newer version is refused', async () => {
    await (await open()).close();
    const newer = new Connection(folder.file);
    newer.exec('pragma user_version = 99');
    newer.close();
    expect(await failureOf(open())).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('newer') });
  });

  it('that is no database is corrupt', async () => {
    writeFileSync(folder.file, 'no database at all. '.repeat(500), { mode: 0o600 });
    expect(await failureOf(open())).toMatchObject({ code: 'corrupt', retryable: false });
  });

  it('with damaged pages is corrupt, never an answer', async () => {
    const store = await open();
    const sessions = Array.from({ length: 300 }, () => sessionOf({ filler: 'x'.repeat(300) }));
    await Promise.all(sessions.map((session) => store.sessions.create(session)));
    await store.close();
    const { size } = statSync(folder.file);
    const descriptor = openSync(folder.file, 'r+');
    for (let place = 64 * 4096; place < size; place += 4096)
      writeSync(descriptor, Buffer.alloc(2048, 0xee), 0, 2048, place);
    closeSync(descriptor);
    const damaged = await open();
    const results = await Promise.all(sessions.map((session) => failureOf(damaged.sessions.get(session))));
    expect(results.filter((result) => (result as { code?: string }).code === 'corrupt').length).toBeGreaterThan(0);
    const { code } = (await failureOf(damaged.sessions.list(OWNER, { limit: 1000 }))) as { code?: string };
    expect(code).toBe('corrupt');
  });

  it('that was deleted or replaced while it was open is noticed by the next ping', async () => {
    const store = await open();
    expect(await store.ping()).toMatchObject({ serverTime: null });
    rmSync(folder.file);
    expect(await failureOf(store.ping())).toMatchObject({ code: 'unavailable', retryable: false });
  });

  it('may be behind a link, but not behind one to nothing', async () => {
    const link = join(folder.path, 'link.db');
    symlinkSync(folder.file, link);
    expect(await failureOf(open({ file: link }))).toMatchObject({ code: 'misconfigured' });
    const [direct, linked] = [await open(), await open({ file: link })];
    const session = sessionOf();
    await direct.sessions.create(session);
    expect(await linked.sessions.get(session)).toMatchObject({ ok: true });
  });

  it('needs a folder that exists, and a disk of this machine', async () => {
    const file = join(folder.path, 'missing', 'store.db');
    expect(await failureOf(open({ file }))).toMatchObject({ code: 'misconfigured' });
    expect(networkFileSystem(0x6969)).toBe('NFS');
    expect(networkFileSystem(0xef53)).toBeUndefined();
  });
});

it.each([
  { file: ':memory:' },
  { file: '' },
  { file: 'file:x?mode=memory' },
  { namespace: '' },
  { namespace: 'a\u0000b' },
  { busyTimeoutMs: 1 },
  { maxWaiting: 0 },
  { maxDataBytes: 10 },
  { synchronous: 'off' as 'full' },
])('option %j is refused', async (options) => {
  expect(await failureOf(open(options))).toMatchObject({ code: 'misconfigured', retryable: false });
});

describe('a record that is damaged', () => {
  it('fails alone: others that are written in the same commit go through', async () => {
    const store = await open();
    const [good, bad] = [sessionOf(), sessionOf()];
    await Promise.all([store.sessions.create(good), store.sessions.create(bad)]);
    const raw = new Connection(folder.file);
    raw.run(`update sessions set data = '{"cut' where id = ?`, bad.id);
    raw.close();
    const [first, second, third] = await Promise.all([
      store.sessions.touch(good),
      failureOf(store.sessions.touch(bad)),
      store.sessions.update(good, 1, { data: { a: 1 } }),
    ]);
    expect(first).toMatchObject({ ok: true });
    expect(second).toMatchObject({ code: 'corrupt', retryable: false });
    expect(third).toMatchObject({ ok: true, value: { version: 2 } });
    expect(await failureOf(store.sessions.get(bad))).toMatchObject({ code: 'corrupt' });
    expect(await store.sessions.revoke(bad, 'damaged')).toMatchObject({ ok: true });
  });
});

describe('too many writes at once', () => {
  it('are throttled, not queued without end', async () => {
    const store = await open({ maxWaiting: 10 });
    const results = await Promise.all(Array.from({ length: 15 }, () => failureOf(store.sessions.create(sessionOf()))));
    const throttled = results.filter((result) => (result as { code?: string }).code === 'throttled');
    expect(throttled).toHaveLength(5);
    expect(throttled[0]).toMatchObject({ retryable: true, outcome: 'not_applied' });
    expect((await store.sessions.list(OWNER, { limit: 100 })).items).toHaveLength(10);
  });
});

/** A folder on a disk of its own, of 1 MB. */
function smallDisk(): string {
  const path = join(folder.path, 'disk');
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]);
  return path;
}

function unmount(path: string): void {
  execFileSync('umount', ['-l', path]);
}

function mayMount(): boolean {
  if (!isRoot || process.platform !== 'linux') return false;
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const withMounts = mayMount() ? describe : describe.skip;

withMounts('a disk [optional: needs Linux and the right to mount]', () => {
  it('that is full loses nothing acknowledged, says so, and is used again when it has room', async () => {
    const disk = smallDisk();
    try {
      const ballast = join(disk, 'ballast');
      writeFileSync(ballast, Buffer.alloc(300_000));
      const store = await open({ file: join(disk, 'store.db') });
      const acknowledged: string[] = [];
      let failure: unknown;
      for (let count = 0; failure === undefined && count < 3000; count += 1) {
        const session = sessionOf({ filler: 'x'.repeat(1000) });
        const result = await failureOf(store.sessions.create(session));
        if (result === 'no failure') acknowledged.push(session.id);
        else failure = result;
      }
      expect(failure).toMatchObject({ code: 'unavailable', retryable: true, outcome: 'not_applied' });
      expect(acknowledged.length).toBeGreaterThan(10);
      const read = (id: string) => store.sessions.get({ tenantId: 'acme', id });
      for (const id of acknowledged) expect(await read(id)).toMatchObject({ ok: true });
      truncateSync(ballast, 0);
      const session = sessionOf();
      expect(await store.sessions.create(session)).toMatchObject({ ok: true });
      expect(await read(session.id)).toMatchObject({ ok: true });
    } finally {
      await Promise.all(opened.splice(0).map((store) => store.close()));
      unmount(disk);
    }
  });

  it('that is read-only is misconfigured, with what to do', async () => {
    const disk = smallDisk();
    try {
      const file = join(disk, 'store.db');
      await (await open({ file })).close();
      opened = [];
      const seen = join(folder.path, 'read-only');
      mkdirSync(seen);
      execFileSync('mount', ['--bind', disk, seen]);
      try {
        execFileSync('mount', ['-o', 'remount,bind,ro', seen]);
        const expected = { code: 'misconfigured', retryable: false, message: expect.stringContaining('writable') };
        expect(await failureOf(open({ file: join(seen, 'store.db') }))).toMatchObject(expected);
        expect(await failureOf(open({ file: join(seen, 'other.db') }))).toMatchObject(expected);
      } finally {
        unmount(seen);
      }
    } finally {
      unmount(disk);
    }
  });
});

const asUser = isRoot ? it.skip : it;

asUser('a folder without write permission is misconfigured [optional: root may write everywhere]', async () => {
  chmodSync(folder.path, 0o500);
  try {
    expect(await failureOf(open())).toMatchObject({ code: 'misconfigured' });
  } finally {
    chmodSync(folder.path, 0o700);
  }
});

describe('close', () => {
  it('lets waiting writes finish, refuses later ones, and may be called again', async () => {
    const store = await open();
    const session = sessionOf();
    const created = store.sessions.create(session);
    const closing = store.close();
    expect(await created).toMatchObject({ ok: true });
    await Promise.all([closing, store.close()]);
    for (const work of [store.sessions.get(session), store.sessions.create(sessionOf()), store.ping()]) {
      expect(await failureOf(work)).toMatchObject({ code: 'closed', retryable: false });
    }
    expect(await (await open()).sessions.get(session)).toMatchObject({ ok: true });
  });
});
