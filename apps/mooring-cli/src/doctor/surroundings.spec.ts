import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runLine } from '../run.fixture.ts';
import { doctor, remedied } from './doctor.fixture.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-doctor-'));
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'none');
  process.env['AWS_CONFIG_FILE'] = join(folder, 'none');
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the warehouse', () => {
  const env = { MOORING_WAREHOUSE_CLUSTER: 'main' };

  /** Answers as AWS does when it refuses. */
  const refusing = <T>(exception: string, work: (endpoint: string) => Promise<T>): Promise<T> =>
    answering(400, { __type: exception, message: `the words of ${exception}` }, work);

  async function answering<T>(status: number, body: object, work: (endpoint: string) => Promise<T>): Promise<T> {
    const server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      return await work(`http://127.0.0.1:${port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const warehouse = async (endpoint: string) =>
    (await doctor({ ...env, AWS_ENDPOINT_URL_REDSHIFT_DATA: endpoint })).found('warehouse');

  it('that nobody gave credentials for', async () => {
    delete process.env['AWS_ACCESS_KEY_ID'];
    expect(await warehouse('http://127.0.0.1:1')).toMatchObject(
      remedied('failed', /no AWS credentials/, /AWS_PROFILE/),
    );
    process.env['AWS_ACCESS_KEY_ID'] = 'local';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  });

  it.each([
    ['AccessDeniedException', /denies redshift-data:ListSessions: the words/, /allow it/],
    ['ExpiredTokenException', /have expired/, /renew/],
    ['UnrecognizedClientException', /does not know the access key/, /AWS_ACCESS_KEY_ID/],
    ['InvalidSignatureException', /refuses the signature/, /AWS_SECRET_ACCESS_KEY.*NTP/],
    ['ValidationException', /refuses to answer for main in us-east-1/, /MOORING_WAREHOUSE_CLUSTER/],
  ])('that answers %s', async (exception, found, remedy) => {
    expect(await refusing(exception, warehouse)).toMatchObject(remedied('failed', found, remedy));
  });

  it.each([
    [1, { status: 'ok', found: expect.stringContaining(': 1 session is open') }],
    [449, { status: 'ok', found: expect.stringContaining('449 sessions are open') }],
    [450, remedied('warning', /450 sessions are open, of 500/, /npx mooring pool drain.*MOORING_POOL_MAX_SESSIONS/)],
  ])('that has %i sessions open', async (count, finding) => {
    const sessions = Array.from({ length: count }, (_, index) => ({ SessionId: `${index}`, Status: 'AVAILABLE' }));
    const more = [{ SessionId: 'closed', Status: 'CLOSED' }];
    expect(await answering(200, { Sessions: [...sessions, ...more] }, warehouse)).toMatchObject(finding);
  });

  it('that does not answer', async () => {
    expect(await warehouse('http://127.0.0.1:1')).toMatchObject(
      remedied('failed', /127\.0\.0\.1:1 does not answer/, /AWS_ENDPOINT_URL_REDSHIFT_DATA/),
    );
  });
});

describe('this machine', () => {
  it('with an old Node.js', async () => {
    expect((await doctor({}, '', { nodeVersion: '18.20.4' })).found('node')).toMatchObject(
      remedied('failed', /18\.20\.4 is too old/, /20\.19 or later/),
    );
  });

  it('with a folder that can not be written to', async () => {
    await writeFile(join(folder, 'file'), '');
    const { found } = await doctor({ MOORING_DATA_DIR: join(folder, 'file', 'data') });
    expect(found('data-folder')).toMatchObject(remedied('failed', /no folder|can not write/, /MOORING_DATA_DIR/));
  });
});

describe('configuration', () => {
  it.each(['query-api', 'auth-api', 'cleanup-worker'])('is read as %s would, all faults at once', async (service) => {
    const env = {
      DATABASE_URL: 'mysql://root:secret-word@db/x',
      MOORING_PORT: 'eighty',
      MOORING_PROT: '1',
      MOORING_TOKEN: 't',
    };
    const { code, findings, output } = await doctor(env, `--service ${service}`);
    const faults = findings.filter(({ check }) => check === 'configuration');
    expect(faults.map(({ status, found }) => `${status}: ${found.split(' ')[0]}`).sort()).toEqual(
      expect.arrayContaining([
        'failed: DATABASE_URL',
        'failed: MOORING_PORT',
        'failed: MOORING_PROT',
        'warning: MOORING_TOKEN',
      ]),
    );
    expect([code, faults.find(({ found }) => found.startsWith('MOORING_PROT'))?.remedy]).toEqual([
      1,
      'Did you mean MOORING_PORT? Else remove it',
    ]);
    expect(output).not.toContain('secret-word');
  });

  it('of an unknown service is wrong usage', async () => {
    expect(await runLine('doctor --service moon --json')).toMatchObject({
      code: 2,
      json: { error: { code: 'wrong_usage', message: expect.stringContaining('query-api') } },
    });
  });
});

describe('services that run', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('are asked whether they are ready', async () => {
    const answers = {
      '/up/health/ready': { status: 'up', checks: { 'session-store': { status: 'up', details: { store: 'aa' } } } },
      '/same/health/ready': { status: 'up', checks: { 'session-store': { status: 'up', details: { store: 'aa' } } } },
      '/slow/health/ready': {
        status: 'up',
        checks: {
          'session-store': { status: 'up', details: { copies: 'degraded', copiesReason: 'timeout', store: 'bb' } },
        },
      },
      '/down/health/ready': {
        status: 'down',
        checks: { 'session-store': { status: 'down', reason: 'the store does not answer (unavailable)' } },
      },
    };
    server = createServer((request, response) => {
      const answer = answers[(request.url ?? '') as keyof typeof answers];
      response.writeHead(answer?.status === 'up' ? 200 : 503);
      response.end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const words = ['up', 'slow', 'down', 'other'].map((path) => `--url ${url}/${path}`).join(' ');
    const { code, findings } = await doctor({}, `${words} --url http://127.0.0.1:1`);
    expect(code).toBe(1);
    expect(findings.find(({ check }) => check === 'shared-store')).toMatchObject(
      remedied('warning', /\/slow and .*\/up are told of different stores/, /the same .*DATABASE_URL and REDIS_URL/),
    );
    const shared = await doctor({}, `--url ${url}/up --url ${url}/same --url ${url}/down`);
    expect(shared.found('shared-store')).toMatchObject({
      status: 'ok',
      found: '2 services are told of the same store',
    });
    expect(findings.filter(({ check }) => check === 'service').map(({ status, found }) => [status, found])).toEqual([
      ['ok', `${url}/up is ready`],
      ['warning', `${url}/slow, session-store: no copies in Redis are used (timeout)`],
      ['failed', `${url}/down, session-store: the store does not answer (unavailable)`],
      ['failed', `${url}/other does not say that it is ready`],
      ['failed', 'http://127.0.0.1:1 does not answer'],
    ]);
  });
});
