import { buildProjects, startService, testPostgres } from '@mooring/services';
import { readCorpus } from '../corpus.ts';
import { serviceTarget } from '../http/service-target.ts';
import type { OpenTarget, Target } from '../target.ts';

const ROOT = { username: 'root', password: 'anchors aweigh, my boys' };

const WORDS = [
  ...['root', 'eve', 'acme', 'user', 'dba', 'service', 'correct horse battery staple', ROOT.password, 'weak', '1', 'x'],
  ...['2f0e7a52-6f0a-4a53-9a38-2a0b1d6c7e55', 'me', 'true'],
];

async function tokenOf(url: string): Promise<string> {
  const response = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7' },
    body: JSON.stringify(ROOT),
  });
  const { token } = (await response.json()) as { token?: string };
  return token ?? 'none';
}

async function open(): Promise<OpenTarget> {
  await buildProjects('apps/auth-api');
  const postgres = await testPostgres();
  const process = await startService({
    script: 'apps/auth-api/dist/main.js',
    readyPath: '/health/ready',
    env: {
      DATABASE_URL: await postgres.createDatabase(),
      MOORING_FIRST_ADMIN: `harbour/${ROOT.username}:${ROOT.password}`,
      MOORING_TRUST_PROXY: '127.0.0.1',
      MOORING_RATE_LIMIT_LOGINS: '0',
      MOORING_PASSWORD_MEMORY_KIB: '256',
      MOORING_PASSWORD_PASSES: '1',
    },
  });
  return serviceTarget(
    {
      process,
      token: () => tokenOf(process.url),
      async close() {
        await process.stop();
        await postgres.stop();
      },
    },
    WORDS,
  );
}

export const authApiTarget: Target = {
  name: 'auth-api',
  summary: 'the HTTP API of the auth service, from its OpenAPI document',
  corpus: readCorpus('auth-api'),
  testRuns: 250,
  open,
};
