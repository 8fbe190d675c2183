import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS, storedSessions } from './stored-sessions.fixture.ts';
import type { StoredSessions } from './stored-sessions.fixture.ts';
import { gate, startWebApp } from './web-app.fixture.ts';
import type { Handler, WebApp } from './web-app.fixture.ts';

let stored: StoredSessions;
let waiting: ReturnType<typeof gate>;
let app: WebApp;
beforeEach(async () => {
  stored = storedSessions();
  waiting = gate();
  app = await startWebApp(stored.store, routes);
});
afterEach(() => app.close());

const tell: Handler = ({ session }, response) => response.end(JSON.stringify(session));
const routes: Record<string, Handler> = {
  '/': tell,
  '/login': ({ session }, response) => {
    session['user'] = 'ann';
    response.end();
  },
  '/cart': ({ session }, response) => {
    session['cart'] = ['book'];
    response.end();
  },
  '/slow': async ({ session }, response) => {
    await waiting.pass();
    session['theme'] = 'dark';
    response.end();
  },
  '/logout': ({ session }, response) => session.destroy(() => response.end()),
  '/renew': (request, response) =>
    request.session.regenerate(() => {
      request.session['user'] = 'ann';
      response.end();
    }),
};

describe('a browser', () => {
  it('is known after it logged in, and not after it logged out', async () => {
    const { cookie } = await app.get('/login');
    expect(JSON.parse((await app.get('/', cookie)).body)).toMatchObject({ user: 'ann' });
    await app.get('/logout', cookie);
    expect((await app.get('/', cookie)).body).not.toContain('ann');
  });

  it('is known in every process, and logged out in all', async () => {
    const other = await startWebApp(storedSessions({}, { backend: stored.backend }).store, routes);
    const { cookie } = await app.get('/login');
    expect((await other.get('/', cookie)).body).toContain('ann');
    await other.get('/logout', cookie);
    expect((await app.get('/', cookie)).body).not.toContain('ann');
    await other.close();
  });

  it('with a session that nobody knows any more gets another id', async () => {
    const first = await app.get('/login');
    await stored.clear();
    const second = await app.get('/login', first.cookie);
    expect(second.cookie).not.toBe(first.cookie);
    expect((await app.get('/', second.cookie)).body).toContain('ann');
  });

  it('that does nothing for too long is not known any more', async () => {
    const { cookie } = await app.get('/login');
    await stored.clock.advance(29 * MINUTE_MS);
    expect((await app.get('/', cookie)).body).toContain('ann');
    await stored.clock.advance(30 * MINUTE_MS);
    expect((await app.get('/', cookie)).body).not.toContain('ann');
  });

  it('is told by its cookie when the session ends', async () => {
    const { store, get } = stored;
    const dated = await startWebApp(
      store,
      { ...routes, '/sid': ({ sessionID }, response) => response.end(sessionID) },
      {
        cookie: { maxAge: HOUR_MS },
      },
    );
    const { cookie } = await dated.get('/login');
    const { body: sid } = await dated.get('/sid', cookie);
    expect(await get(sid)).toMatchObject({ cookie: { expires: new Date(stored.clock.now() + HOUR_MS).toISOString() } });
    await dated.close();
  });
});

describe('requests at the same time', () => {
  it('a slow one does not undo a logout', async () => {
    const { cookie } = await app.get('/login');
    const slow = app.get('/slow', cookie);
    await waiting.reached;
    await app.get('/logout', cookie);
    waiting.open();
    expect(await slow).toMatchObject({ status: 200 });
    expect((await app.get('/', cookie)).body).not.toMatch(/ann|dark/);
    expect(app.errors).toEqual([]);
  });

  it('a slow one does not bring back a session that was replaced', async () => {
    const old = await app.get('/login');
    const slow = app.get('/slow', old.cookie);
    await waiting.reached;
    const renewed = await app.get('/renew', old.cookie);
    waiting.open();
    await slow;
    expect(renewed.cookie).not.toBe(old.cookie);
    expect((await app.get('/', old.cookie)).body).not.toContain('ann');
    expect((await app.get('/', renewed.cookie)).body).toContain('ann');
  });

  it('keep each other’s changes', async () => {
    const { cookie } = await app.get('/login');
    const slow = app.get('/slow', cookie);
    await waiting.reached;
    await app.get('/cart', cookie);
    waiting.open();
    await slow;
    expect(JSON.parse((await app.get('/', cookie)).body)).toMatchObject({ user: 'ann', cart: ['book'], theme: 'dark' });
  });
});

describe('the store', () => {
  it('is asked once by a request that changes nothing, twice by one that saves', async () => {
    const { cookie } = await app.get('/login');
    expect(stored.calls).toEqual(['create']);
    stored.calls.length = 0;
    await app.get('/', cookie);
    expect(stored.calls).toEqual(['touch']);
    stored.calls.length = 0;
    await app.get('/cart', cookie);
    expect(stored.calls).toEqual(['touch', 'update']);
  });

  it('that fails makes the request fail: none goes on without its session', async () => {
    const { cookie } = await app.get('/login');
    await stored.backend.close();
    expect(await app.get('/', cookie)).toMatchObject({ status: 500, body: 'failed' });
    expect(app.errors).toEqual([expect.objectContaining({ code: 'closed', operation: 'sessions.touch' })]);
  });

  it('that fails while a session is saved is reported', async () => {
    const { cookie } = await app.get('/login');
    const slow = app.get('/slow', cookie);
    await waiting.reached;
    await stored.backend.close();
    waiting.open();
    await slow;
    expect(app.errors).toEqual([expect.objectContaining({ code: 'closed', operation: 'sessions.update' })]);
  });
});
