import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthTokens, IssuedToken } from '@mooring/auth-tokens';
import type { ServiceProcess } from '@mooring/services';
import { client, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';
import { RawStream } from './raw-stream.fixture.ts';
import type { RawOptions } from './raw-stream.fixture.ts';
import { StreamClient } from './stream-client.fixture.ts';

let stack: Stack;
let tokens: AuthTokens;
let service: ServiceProcess;
let small: ServiceProcess;
const open: { destroy(): void }[] = [];
beforeAll(async () => {
  stack = await startStack();
  [service, small, tokens] = await Promise.all([
    stack.start({
      MOORING_MESSAGE_RATE_LIMIT: '20',
      MOORING_MESSAGE_RATE_WINDOW_SECONDS: '3600',
      MOORING_TOKEN_GRACE_SECONDS: '0',
    }),
    stack.start({ MOORING_STREAM_MAX_CONNECTIONS: '8' }),
    stack.tokens(),
  ]);
});
afterEach(() => open.splice(0).forEach((one) => one.destroy()));
afterAll(() => stack.stop());

async function login(subjectId: string): Promise<IssuedToken> {
  const issued = await tokens.issue({ tenantId: stack.tenants.acme, subjectId, claims: { role: 'user' } });
  if (!issued.ok) throw new Error(issued.reason);
  return issued.value;
}

function raw(options?: RawOptions, to = service): RawStream {
  const made = new RawStream(to, options);
  open.push(made);
  return made;
}

function polite(token: string | undefined, to = service): StreamClient {
  const made = new StreamClient(to, token);
  open.push({ destroy: () => made.close() });
  return made;
}

async function statusOf(stream: RawStream): Promise<string | undefined> {
  return (await stream.handshake).split(' ')[1];
}

describe('a client that does not answer a close', () => {
  it('is not heard any more, loses what it has running, and is cut off', async () => {
    const { token } = await login('hal');
    const stream = raw({ token });
    await stream.message(({ type }) => type === 'ready');
    stream.send({ type: 'run', ref: 'a', sql: 'select pg_sleep(600)' });
    const running = await stream.message(
      (message) => (message['query'] as { status?: string } | undefined)?.status === 'running',
    );
    stream.send({ type: 'authenticate', token: (await login('ida')).token });
    expect(await stream.closed).toBe(1008);
    stream.send({ type: 'run', ref: 'b', sql: 'select 1' });
    await stream.ended;
    const { id } = running['query'] as { id: string };
    const after = await client(service, token).ended(id);
    expect(after.body).toMatchObject({ status: 'cancelled' });
    const { queries } = (await client(service, token).ask('GET', '/v1/queries')).body as { queries: { id: string }[] };
    expect(queries.map((query) => query.id)).toEqual([id]);
  });

  it('does not hold up a shutdown', async () => {
    const pod = await stack.start({ MOORING_SHUTDOWN_DEADLINE_SECONDS: '120' });
    const stream = raw({ token: (await login('hal')).token }, pod);
    await stream.message(({ type }) => type === 'ready');
    pod.signal('SIGTERM');
    expect(await stream.closed).toBe(1001);
    expect(await pod.exited).toBe(0);
  });
});

describe('a client that does not say who it is', () => {
  it('with a bad token in the header, is refused before there is a WebSocket', async () => {
    const stream = raw({ token: 'junk' });
    const answer = await stream.handshake;
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toMatch(/www-authenticate: bearer error="invalid_token"/i);
    await stream.ended;
  });

  it('is cut off after its 10 seconds', async () => {
    const stream = raw();
    expect(await stream.closed).toBe(4401);
    await stream.ended;
  });

  it('frees its place with the close, not when it agrees to it', async () => {
    for (let round = 0; round < 12; round += 1) {
      const stream = raw({}, small);
      await stream.handshake;
      stream.send({ type: 'authenticate', token: 'junk' });
      expect(await stream.closed).toBe(4401);
    }
    await polite((await login('kim')).token, small).of('ready');
  });

  it('has a share of the places, so that others come in', async () => {
    const streams = Array.from({ length: 12 }, () => raw({}, small));
    const answers = await Promise.all(streams.map(statusOf));
    expect(answers.filter((status) => status === '101')).toHaveLength(2);
    expect(answers.filter((status) => status === '429')).toHaveLength(10);
    await polite((await login('kim')).token, small).of('ready');
  });
});

describe('a session', () => {
  it('has a share of the places', async () => {
    const { token } = await login('lea');
    const streams = [polite(token, small), polite(token, small)];
    await Promise.all(streams.map((stream) => stream.of('ready')));
    expect(await statusOf(raw({ token }, small))).toBe('429');
    const late = polite(undefined, small);
    await late.send({ type: 'authenticate', token });
    expect(await late.closed).toEqual({ code: 1013, reason: 'the session has too many connections' });
    await polite((await login('lea')).token, small).of('ready');
  });

  it('has its authentications counted as messages', async () => {
    const { token } = await login('mia');
    const stream = polite(token);
    for (let index = 0; index < 21; index += 1) await stream.send({ type: 'authenticate', token });
    expect((await stream.of('problem'))['problem']).toMatchObject({ code: 'too_many_requests' });
    const first = polite(undefined);
    await first.send({ type: 'authenticate', token });
    expect((await first.of('problem'))['problem']).toMatchObject({ code: 'too_many_requests' });
  });

  it('goes on when its token was replaced, and may bring the successor', async () => {
    const { token } = await login('noa');
    const stream = polite(token);
    await stream.of('ready');
    const rotated = await tokens.rotate(token);
    if (!rotated.ok) throw new Error(rotated.reason);
    await stream.send({ type: 'run', ref: 'a', sql: 'select 1' });
    await stream.of('end', 'a');
    await stream.send({ type: 'authenticate', token: rotated.value.token });
    await stream.send({ type: 'run', ref: 'b', sql: 'select 1' });
    await stream.of('end', 'b');
    expect(stream.messages.filter(({ type }) => type === 'ready')).toHaveLength(2);
    expect((await tokens.verify(rotated.value.token)).ok).toBe(true);
  });
});

describe('a client that does not read', () => {
  it('is cut off when it goes on sending what is refused', async () => {
    const stream = raw({ token: (await login('ole')).token });
    await stream.message(({ type }) => type === 'ready');
    stream.send({ type: 'run', ref: 'a', sql: "select repeat('x', 9000) from generate_series(1, 5000)" });
    await stream.message(({ type }) => type === 'rows');
    stream.socket.pause();
    for (let index = 0; index < 100; index += 1) stream.send('x'.repeat(500_000));
    let cut = false;
    void stream.ended.then(() => (cut = true));
    // Only a write tells a client that does not read.
    while (!cut) {
      stream.send('x');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

describe('a subprotocol', () => {
  it('is never agreed to: there is none', async () => {
    const answer = await raw({ headers: { 'Sec-WebSocket-Protocol': 'evil, chat' } }).handshake;
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).not.toMatch(/sec-websocket-protocol/i);
  });
});
