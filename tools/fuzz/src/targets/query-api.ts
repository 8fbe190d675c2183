import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProjects, startService, testPostgres } from '@mooring/services';
import { readCorpus } from '../corpus.ts';
import { serviceTarget } from '../http/service-target.ts';
import type { OpenTarget, Target } from '../target.ts';

const TOKEN = 'token-of-ann-of-acme-1f3a';

const WORDS = [
  ...['select 1', 'select :a', "select 'x' as a, 2.5 as b, null as c", 'select * from range(20)', 'show namespaces'],
  ...['create namespace if not exists sales', 'use sales', 'create table if not exists t (a int)', 'select * from t'],
  ...['select 1; select 2', 'begin', 'commit', "kill query 'x'", 'selec 1', 'sales', 'a', '1', 'x', 'application/json'],
];

async function open(): Promise<OpenTarget> {
  await buildProjects('apps/query-api');
  const [postgres, folder] = [await testPostgres(), await mkdtemp(join(tmpdir(), 'mooring-fuzz-'))];
  const process = await startService({
    script: 'apps/query-api/dist/main.js',
    readyPath: '/health/ready',
    env: {
      DATABASE_URL: await postgres.createDatabase(),
      MOORING_DATA_DIR: folder,
      MOORING_API_TOKENS: `${TOKEN}=acme/ann`,
      MOORING_RATE_LIMIT_REQUESTS: '0',
    },
  });
  return serviceTarget(
    {
      process,
      token: async () => TOKEN,
      async close() {
        await process.stop();
        await postgres.stop();
        await rm(folder, { recursive: true });
      },
    },
    WORDS,
  );
}

export const queryApiTarget: Target = {
  name: 'query-api',
  summary: 'the HTTP API of the query service, from its OpenAPI document',
  corpus: readCorpus('query-api'),
  testRuns: 250,
  open,
};
