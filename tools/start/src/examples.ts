import type { RunningStack } from './stack.ts';

const TOP_ROUTES = `
SELECT o.city AS from_city, d.city AS to_city, count(*) AS flights,
       round(avg(f.delay_minutes), 1) AS average_delay_minutes
FROM flights f
JOIN airports o ON o.iata = f.origin
JOIN airports d ON d.iata = f.destination
WHERE f.origin = :origin
GROUP BY 1, 2 ORDER BY flights DESC LIMIT 5`;

const WHO = `SELECT current_user AS who, pg_backend_pid() AS connection`;

export interface Example {
  readonly title: string;
  readonly url: string;
  readonly token?: string;
  /** Sent as JSON with POST; GET without. */
  readonly body?: object;
}

/** Requests to copy: the same query twice, then the other tenant, then what the service says about itself. */
export function listExamples({ config, tenants }: Pick<RunningStack, 'config' | 'tenants'>): readonly Example[] {
  const url = `http://127.0.0.1:${config.port}/v1/queries`;
  const [first, second] = tenants;
  const token = first?.token ?? '';
  const topRoutes = { sql: TOP_ROUTES.replaceAll(/\s+/g, ' ').trim(), parameters: { origin: 'SEA' } };
  return [
    {
      title: 'The busiest routes from Seattle. Run it twice: the second answer says that it reused the session.',
      url,
      token,
      body: topRoutes,
    },
    {
      title: `The other tenant, ${second?.tenantId}, has a database user and sessions of its own.`,
      url,
      token: second?.token ?? '',
      body: { sql: WHO },
    },
    { title: 'What has been run so far.', url, token },
    {
      title: 'What the warehouse saw: calls, and how few sessions they took.',
      url: `http://127.0.0.1:${config.warehousePort}/_local/stats`,
    },
  ];
}

export function curlOf({ url, token, body }: Example): string {
  const lines = [`curl -s -w '\\n' ${url}`];
  if (token !== undefined) lines.push(`-H 'Authorization: Bearer ${token}'`);
  if (body !== undefined) {
    lines.push(`-H 'Content-Type: application/json'`, `-d ${quote(JSON.stringify(body))}`);
  }
  return lines.join(' \\\n    ');
}

/** As one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export function describeStack(stack: RunningStack): string {
  const { config, folder, postgres, tenants } = stack;
  const origin = `http://127.0.0.1:${config.port}`;
  const rows = [
    ['query API', `${origin}  (documentation: ${origin}/docs, metrics: ${origin}/metrics)`],
    [
      'warehouse',
      `http://127.0.0.1:${config.warehousePort}  (Redshift Data API, ${config.connectDelayMs} ms to connect)`,
    ],
    ['PostgreSQL', `${postgres.url}  (databases dev and mooring)`],
    ['folder', `${folder.path}  (logs in ${folder.logs})`],
    ...tenants.map(({ tenantId, token }) => [`tenant ${tenantId}`, `Bearer ${token}`]),
  ];
  const examples = listExamples(stack).map((example) => `${example.title}\n\n  ${curlOf(example)}\n`);
  return ['', ...rows.map(([left = '', right = '']) => `  ${left.padEnd(14)}${right}`), '', ...examples, ''].join('\n');
}
