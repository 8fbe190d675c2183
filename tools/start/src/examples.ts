import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readPassedOn } from './config.ts';
import { DEMO_USERS } from './demo-users.ts';
import type { DemoUser } from './demo-users.ts';
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
  /** For a POSIX shell, to copy. */
  readonly command: string;
}

interface Request {
  readonly url: string;
  /** The shell variable with a token. */
  readonly token?: string;
  /** Sent as JSON with POST; GET without. */
  readonly body?: object;
}

/** Commands to copy: a login, the same query twice, the other tenant, then what the services say about themselves. */
export function listExamples(
  { config }: Pick<RunningStack, 'config'>,
  path: string = readPassedOn()['PATH'] ?? '',
): readonly Example[] {
  const [first, second] = DEMO_USERS;
  const auth = `http://localhost:${config.authPort}/auth`;
  const queries = `http://localhost:${config.port}/v1/queries`;
  const topRoutes = { sql: TOP_ROUTES.replaceAll(/\s+/g, ' ').trim(), parameters: { origin: 'SEA' } };
  const token = 'TOKEN';
  return [
    {
      title: `Log in as ${first.username}, of the tenant ${first.tenantId}. The token goes into a variable of your shell.`,
      command: loginOf(auth, first, token, path),
    },
    { title: 'Who that is, as any instance of any service would say.', command: curlOf({ url: `${auth}/me`, token }) },
    {
      title: 'The busiest routes from Seattle. Run it twice: the second answer says that it reused the session.',
      command: curlOf({ url: queries, token, body: topRoutes }),
    },
    {
      title: `The other tenant, ${second.tenantId}, has a database user and sessions of its own.`,
      command: `${loginOf(auth, second, 'OTHER', path)}\n${curlOf({ url: queries, token: 'OTHER', body: { sql: WHO } })}`,
    },
    { title: 'What has been run so far.', command: curlOf({ url: queries, token }) },
    {
      title: 'What the warehouse saw: calls, and how few sessions they took.',
      command: curlOf({ url: `http://localhost:${config.warehousePort}/_local/stats` }),
    },
    {
      title: 'When the cleanup worker lets go of what is dead, and what its last runs deleted.',
      command: curlOf({ url: `http://localhost:${config.workerPort}/tasks`, token }),
    },
    {
      title: 'Log out: from then on the token is good nowhere.',
      command: curlOf({ url: `${auth}/logout`, token, body: {} }),
    },
  ];
}

function loginOf(auth: string, { username, password }: DemoUser, variable: string, path: string): string {
  const lines = [
    `${variable}=$(curl -s -X POST ${auth}/login`,
    `-H "Content-Type: application/json"`,
    `-d ${quote(JSON.stringify({ username, password }))} | ${tokenReader(path)})`,
  ];
  return lines.join(' \\\n  ');
}

/** jq where there is one. */
function tokenReader(path: string): string {
  const found = path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'jq'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found ? `jq -r '.token'` : String.raw`sed -E 's/.*"token":"([^"]+)".*/\1/'`;
}

function curlOf({ url, token, body }: Request): string {
  const lines = [`curl -s -w '\\n' ${url}`];
  if (token !== undefined) lines.push(`-H "Authorization: Bearer $${token}"`);
  if (body !== undefined) lines.push(`-H "Content-Type: application/json"`, `-d ${quote(JSON.stringify(body))}`);
  return lines.join(' \\\n  ');
}

/** As one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export function describeStack(stack: RunningStack): string {
  const { config, folder, postgres } = stack;
  const origin = `http://localhost:${config.port}`;
  const auth = `http://localhost:${config.authPort}`;
  const worker = `http://localhost:${config.workerPort}`;
  const rows = [
    ['query API', `${origin}  (documentation: ${origin}/docs, metrics: ${origin}/metrics)`],
    ['auth API', `${auth}  (documentation: ${auth}/docs, metrics: ${auth}/metrics)`],
    ['cleanup worker', `${worker}  (documentation: ${worker}/docs, metrics: ${worker}/metrics)`],
    [
      'warehouse',
      `http://localhost:${config.warehousePort}  (Redshift Data API, ${config.connectDelayMs} ms to connect)`,
    ],
    ['PostgreSQL', `${postgres.url}  (databases dev and mooring)`],
    ['folder', `${folder.path}  (logs in ${folder.logs})`],
    ...DEMO_USERS.map(({ username, password, tenantId, role }) => [
      `user ${username}`,
      `password ${password}, of the tenant ${tenantId}, ${role}`,
    ]),
  ];
  const examples = listExamples(stack).map(({ title, command }) => `${title}\n\n${indented(command)}\n`);
  return ['', ...rows.map(([left = '', right = '']) => `  ${left.padEnd(16)}${right}`), '', ...examples, ''].join('\n');
}

function indented(command: string): string {
  return command
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
