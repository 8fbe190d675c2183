import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { Site } from '../site/site.ts';
import { POD_MEASURES, SITE_MEASURES, sumOf } from './measures.ts';
import type { Measure } from './measures.ts';

/** What was seen at a time, by the name of the series. */
export interface Sample {
  /** Seconds since the start. */
  readonly at: number;
  readonly values: ReadonlyMap<string, number>;
}

/** Looks at all processes of a site, which collect their garbage on SIGUSR2, and at the servers behind them. */
export class Sampler {
  readonly samples: Sample[] = [];
  /** What each series is. */
  readonly measures = new Map<string, Measure>();
  private readonly startedAt = performance.now();

  constructor(
    private readonly site: Site,
    /** Whose live sessions are counted. */
    private readonly token: string,
  ) {}

  async take(): Promise<void> {
    const at = (performance.now() - this.startedAt) / 1000;
    const values = new Map<string, number>();
    const note = (series: string, measure: Measure, value: number): void => {
      this.measures.set(series, measure);
      values.set(series, value);
    };
    for (const pod of this.site.pods) pod.signal('SIGUSR2');
    let held = 0;
    for (const [service, fleet] of Object.entries(this.site.fleets)) {
      for (const [index, metrics] of (await fleet.metrics()).entries()) {
        for (const measure of POD_MEASURES)
          note(`${service}-${index + 1} ${measure.name}`, measure, measure.read(metrics));
        held += sumOf(metrics, 'mooring_warehouse_sessions_held');
      }
    }
    note(SITE_MEASURES.slots.name, SITE_MEASURES.slots, held);
    const { sessionsOpen } = await this.site.warehouse.stats();
    note(SITE_MEASURES.warehouse.name, SITE_MEASURES.warehouse, sessionsOpen);
    note(SITE_MEASURES.postgres.name, SITE_MEASURES.postgres, await countPostgres(this.site.server('postgres').url));
    if (this.site.has('redis')) {
      note(SITE_MEASURES.redis.name, SITE_MEASURES.redis, await countRedis(this.site.server('redis').url));
    }
    note(SITE_MEASURES.logins.name, SITE_MEASURES.logins, await this.countLogins());
    this.samples.push({ at, values });
  }

  private async countLogins(): Promise<number> {
    const { body } = await this.site.fleets.auth.ask('GET', '/auth/sessions?limit=100', { token: this.token });
    return (body['sessions'] as readonly unknown[] | undefined)?.length ?? 0;
  }
}

async function countPostgres(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  await client.end();
  return rows[0]?.count ?? 0;
}

async function countRedis(url: string): Promise<number> {
  const client = new Redis(url);
  const info = await client.info('clients');
  client.disconnect();
  return Number(/connected_clients:(\d+)/.exec(info)?.[1]) - 1;
}
