import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { RunningService } from '@mooring/nest-runtime';
import { recordSpans } from '@mooring/services';
import type { RecordedSpans } from '@mooring/services';
import { ROOT, login, startCluster } from './cluster.fixture.ts';
import type { Cluster } from './cluster.fixture.ts';
import { serve } from './serve.ts';

let spans: RecordedSpans;
let cluster: Cluster;
let service: RunningService;
beforeAll(async () => {
  spans = await recordSpans();
  cluster = await startCluster();
  service = await serve({ ...cluster.env, MOORING_PORT: '0', MOORING_LOG_LEVEL: 'silent' }, false);
});
afterAll(async () => {
  await service?.close();
  await cluster?.stop();
  await spans?.stop();
});

it('a login is a tree of what guards it, its password and its token', async () => {
  spans.reset();
  const { status, body } = await login(service, ROOT);
  expect(status).toBe(200);
  const root = 'POST /auth/login';
  for (let looks = 0; looks < 12_000 && spans.trees(root).length === 0; looks += 1) await setTimeout(10);
  expect(spans.trees(root)[0]?.split('\n')).toEqual([
    root,
    '  password hash',
    '  store attempts.check',
    '  store attempts.recordSuccess',
    '  store limits.consume',
    '  store limits.reset',
    '  store sessions.create',
  ]);
  const told = JSON.stringify(
    spans.all().map(({ name, attributes, events, status }) => [name, attributes, events, status]),
  );
  for (const secret of [ROOT.password, ROOT.username, String(body['token'])]) expect(told).not.toContain(secret);
});
