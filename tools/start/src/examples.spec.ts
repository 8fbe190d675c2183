import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';
import type { StartConfig } from './config.ts';
import { describeStack, findPrograms, listExamples } from './examples.ts';
import type { Programs } from './examples.ts';
import type { RunningStack } from './stack.ts';

const here = findPrograms(process.env['PATH']);
const withCurl = here.curl ? it : it.skip; // reason: the machine may have no curl
const withBoth = here.curl && here.jq ? it : it.skip; // reason: the machine may have no curl or jq
const BARE = { curl: true, jq: false };
const FULL = { curl: true, jq: true };
const FINISHED = {
  status: 'finished',
  sessionReused: true,
  timings: { runMs: 3 },
  rows: [
    ['Seattle', 1],
    ['Seattle', 2],
  ],
};

describe('listExamples', () => {
  let server: Server;
  let config: StartConfig;
  let answer: { readonly status: number; readonly body?: object };
  let requests: IncomingMessage[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request);
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const { port } = server.address() as AddressInfo;
    config = { ...(readConfig([], {}) as StartConfig), port, authPort: port, workerPort: port, warehousePort: port };
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  function commandOf(title: RegExp, programs: Programs): string {
    return listExamples({ config }, programs).find((example) => title.test(example.title))?.command as string;
  }

  /** Runs a command on a server that answers everything in one way. */
  function run(command: string, given: typeof answer): Promise<{ out: string; err: string }> {
    answer = given;
    requests = [];
    return new Promise((resolve) => {
      execFile('/bin/sh', ['-c', command], { env: { PATH: process.env['PATH'] } }, (_, out, err) =>
        resolve({ out, err }),
      );
    });
  }

  const LOCKED = { status: 429, body: { title: 'Too many', status: 429, code: 'too_many_logins' } };

  withCurl('reads a token without jq, and says so when there is none [optional: needs curl]', async () => {
    const login = `${commandOf(/^Log in/, BARE)}\nprintf '[%s]' "$TOKEN"`;
    expect(login).not.toContain('jq');
    expect(await run(login, { status: 200, body: { token: 'abc-1', user: {} } })).toEqual({ out: '[abc-1]', err: '' });
    expect(requests[0]?.method).toBe('POST');
    expect(await run(login, LOCKED)).toEqual({ out: '[]', err: expect.stringContaining('429') });
  });

  withBoth('reads a token with jq, and shows why there is none [optional: needs curl and jq]', async () => {
    const login = `${commandOf(/^Log in/, FULL)}\nprintf '[%s]' "$TOKEN"`;
    expect(await run(login, { status: 200, body: { token: 'abc-1', user: {} } })).toEqual({ out: '[abc-1]', err: '' });
    expect(await run(login, LOCKED)).toEqual({ out: '[]', err: expect.stringContaining('too_many_logins') });
  });

  withBoth(
    'shows a query twice, one line for a row, and a refusal as it is [optional: needs curl and jq]',
    async () => {
      const routes = commandOf(/twice/, FULL);
      const shown = '{"sessionReused":true}\n{"runMs":3}\n["Seattle",1]\n["Seattle",2]\n';
      expect(await run(routes, { status: 200, body: FINISHED })).toEqual({ out: shown + shown, err: '' });
      const failed = { status: 'failed', error: { code: 'sql_failed', message: 'no such table' }, rows: [] };
      expect((await run(routes, { status: 200, body: failed })).out).toContain('no such table');
      expect((await run(routes, LOCKED)).out).toContain('too_many_logins');
      const batch = { status: 'finished', tookMs: 3, results: [{ rows: [['Chicago', 1]] }] };
      const shownBatch = { out: '{"tookMs":3}\n["Chicago",1]\n', err: '' };
      expect(await run(commandOf(/embedded engine/, FULL), { status: 200, body: batch })).toEqual(shownBatch);
      for (const title of [/run so far/, /cleanup worker/, /embedded engine/]) {
        expect((await run(commandOf(title, FULL), LOCKED)).out).toContain('too_many_logins');
      }
    },
  );

  withCurl('ends with a log-out and what it did [optional: needs curl]', async () => {
    const logout = `TOKEN=abc-1\n${commandOf(/^Log out/, FULL)}`;
    expect(await run(logout, { status: 204 })).toEqual({ out: '204\n', err: '' });
    expect(requests[0]).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer abc-1' } });
    expect(
      listExamples({ config }, FULL)
        .map(({ title }) => title.split(/\W/)[0])
        .slice(-2),
    ).toEqual(['Log', 'From']);
  });

  it('shows only what works where there is no warehouse', () => {
    const printed = listExamples({ config: { ...config, warehouse: false, warehousePort: 9 } }, FULL);
    const commands = printed.map(({ command }) => command).join('\n');
    expect(commands).toContain('"namespace":"local"');
    expect(commands).not.toMatch(/v1\/queries[^|]*-d|warehouse_acme|localhost:9\//);
  });

  it('says which programs are missing', () => {
    const stack = {
      config,
      folder: { path: '/state', data: '/state/data', logs: '/state/logs' },
      postgres: { url: '' },
    } as RunningStack;
    expect(findPrograms('/nowhere')).toEqual({ curl: false, jq: false });
    expect(describeStack(stack, { curl: false, jq: false })).toMatch(
      /curl is not installed here.*\n[^]*jq is not installed/,
    );
    expect(describeStack(stack, FULL)).not.toMatch(/not installed/);
  });
});
