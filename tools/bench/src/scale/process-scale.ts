import { startPostgres, startService, type ServiceProcess } from '@mooring/services';
import { HttpCallers, loggedIn } from '../load/http-calls.ts';
import { Ends } from '../backends/backend.ts';
import type { Growth, Row } from '../benchmark.ts';
import { figureRow, latencyRow, type SectionReport } from '../engine/engine-report.ts';
import { orderOf, type Block } from '../stores/turns.ts';

export interface ProcessSizes {
  readonly processes: readonly number[];
  readonly callers: number;
  /** In a run, with each number of processes. */
  readonly calls: number;
}

const USER = { username: 'ann', password: 'a-password-that-is-right' };
const TITLE = 'verifications over HTTP';

/** The same callers on more and more processes of the auth API over one PostgreSQL. */
export async function measureProcesses(
  { processes, callers, calls }: ProcessSizes,
  runs: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  const ends = new Ends();
  try {
    const most = Math.max(...processes);
    progress(`starting PostgreSQL and ${most} processes of the auth API`);
    const postgres = await startPostgres();
    ends.add(() => postgres.stop());
    const started: ServiceProcess[] = [];
    while (started.length < most) {
      const service = await startAuthApi(postgres.url);
      ends.add(() => service.stop());
      started.push(service);
    }
    const [first] = started as [ServiceProcess];
    const token = await loggedIn(first.url, USER);
    const crowds = processes.map(
      (count) =>
        new HttpCallers(
          started.slice(0, count).map(({ url }) => url),
          callers,
        ),
    );
    ends.add(() => Promise.all(crowds.map((crowd) => crowd.close())));
    const once = (crowd: HttpCallers): Promise<Block> => crowd.run(calls, () => ({ path: '/auth/me', token }));
    for (const crowd of crowds) await once(crowd);
    const blocks: Block[][] = crowds.map(() => []);
    for (let run = 0; run < runs; run += 1) {
      progress(`processes: run ${run + 1} of ${runs}`);
      for (const index of orderOf(crowds.length, run)) blocks[index]?.push(await once(crowds[index] as HttpCallers));
    }
    return {
      rows: processes.flatMap((count, index) => rowsOf(count, callers, blocks[index] ?? [], blocks[0] ?? [])),
      checks: [],
    };
  } finally {
    await ends.all();
  }
}

function startAuthApi(databaseUrl: string): Promise<ServiceProcess> {
  return startService({
    script: 'apps/auth-api/dist/main.js',
    env: {
      DATABASE_URL: databaseUrl,
      MOORING_DEMO_USERS: `${USER.username}:${USER.password}@acme/user`,
      MOORING_LOG_LEVEL: 'error',
      MOORING_RATE_LIMIT_LOGINS: '0',
      MOORING_RATE_LIMIT_REQUESTS: '0',
    },
    readyPath: '/health/ready',
  });
}

function rowsOf(count: number, callers: number, blocks: readonly Block[], one: readonly Block[]): Row[] {
  const perSecond = (all: readonly Block[]): number[] =>
    all.map(({ latenciesMs, elapsedMs }) => (latenciesMs.length / elapsedMs) * 1000);
  const growth = (what: string): Growth => ({
    plot: `${TITLE} by ${callers} callers, ${what}`,
    axis: 'processes over one store',
    at: count,
  });
  const where = `${count} ${count === 1 ? 'process' : 'processes'}`;
  return [
    {
      ...figureRow(`${TITLE}, ${where}: requests / 1 process`, 'auth API', '1/s', perSecond(blocks), perSecond(one)),
      growth: growth('requests a second'),
    },
    {
      ...latencyRow(
        `${TITLE}, ${where}: time / 1 process`,
        'auth API',
        blocks.map(({ latenciesMs }) => latenciesMs),
        one.map(({ latenciesMs }) => latenciesMs),
      ),
      growth: growth('time'),
    },
  ];
}
