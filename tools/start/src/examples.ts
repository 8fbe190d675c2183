import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readPassedOn } from './config.ts';
import { DEMO_USERS } from './demo-data/demo-users.ts';
import type { DemoUser } from './demo-data/demo-users.ts';
import { EMBEDDED_NAMESPACE, warehouseNamespaceOf } from './demo-data/namespaces.ts';
import type { RunningStack } from './stack.ts';

const TOP_ROUTES = `
SELECT o.city AS from_city, d.city AS to_city, count(*) AS flights,
       round(avg(f.delay_minutes), 1) AS average_delay_minutes
FROM flights f
JOIN airports o ON o.iata = f.origin
JOIN airports d ON d.iata = f.destination
WHERE f.origin = :origin
GROUP BY 1, 2 ORDER BY flights DESC LIMIT 5`;

/** Of a namespace, on either engine. */
const DESTINATIONS = `
SELECT a.city, count(*) AS flights
FROM flights f JOIN airports a ON a.iata = f.destination
WHERE f.origin = $1
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5`;

const WHO = `SELECT current_user AS who, pg_backend_pid() AS connection`;

export interface Example {
  readonly title: string;
  /** For a POSIX shell, to copy. */
  readonly command: string;
}

/** Which of the programs that the commands can use there are. */
export interface Programs {
  readonly curl: boolean;
  readonly jq: boolean;
}

interface Request {
  readonly url: string;
  /** The shell variable with a token. */
  readonly token?: string;
  /** Sent as JSON with POST; GET without. */
  readonly body?: object;
  /** More options of curl. Default: end the answer with a line break. */
  readonly options?: string;
}

/** One line for the session, one for the timings and one for each row. What did not finish is shown as it is. */
const ROWS = `jq -c 'if .status == "finished" then {sessionReused}, .timings, .rows[] else . end'`;
const BATCH = `jq -c 'if .status == "finished" then {tookMs}, .results[].rows[] else . end'`;
const DOCUMENT = 'jq .';
const QUERIES = `jq -c 'if .queries then .queries[] | {status, sessionReused, sql: .sql[:60]} else . end'`;
const TASKS = `jq -c 'if .tasks then .tasks[] | {name, nextDueAt, removed: .lastRuns[0].removed} else . end'`;

export function findPrograms(path: string = readPassedOn()['PATH'] ?? ''): Programs {
  const has = (name: string): boolean => path.split(delimiter).some((folder) => isExecutable(join(folder, name)));
  return { curl: has('curl'), jq: has('jq') };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Commands to copy: a login, data on each engine, what the services say about themselves, and a log-out. */
export function listExamples({ config }: Pick<RunningStack, 'config'>, { jq }: Programs): readonly Example[] {
  const [first, second] = DEMO_USERS;
  const auth = `http://localhost:${config.authPort}/auth`;
  const queries = `http://localhost:${config.port}/v1/queries`;
  const token = 'TOKEN';
  const shown = (request: Request, filter: string = DOCUMENT): string =>
    jq ? `${curlOf({ options: '', ...request })} \\\n  | ${filter}` : curlOf(request);
  const inNamespace = (namespace: string, as: string): string => {
    const body = { namespace, sql: oneLine(DESTINATIONS), parameters: ['SEA'] };
    return shown({ url: `http://localhost:${config.port}/v1/sql`, token: as, body }, BATCH);
  };
  const loginOfSecond = loginOf(auth, second, 'OTHER', jq);
  const warehouse: readonly Example[] = [
    {
      title: 'The same SQL in the warehouse, in the namespace that shows its tables to this tenant.',
      command: inNamespace(warehouseNamespaceOf(first.tenantId), token),
    },
    {
      title: 'The busiest routes from Seattle, twice: the second answer says that it reused the session.',
      command: twice(
        shown({ url: queries, token, body: { sql: oneLine(TOP_ROUTES), parameters: { origin: 'SEA' } } }, ROWS),
      ),
    },
    {
      title: `The other tenant, ${second.tenantId}, has a database user and sessions of its own.`,
      command: `${loginOfSecond}\n${shown({ url: queries, token: 'OTHER', body: { sql: WHO } }, ROWS)}`,
    },
    { title: 'What has been run so far at /v1/queries.', command: shown({ url: queries, token }, QUERIES) },
    {
      title: 'What the warehouse saw: calls, and how few sessions they took.',
      command: shown({ url: `http://localhost:${config.warehousePort}/_local/stats` }),
    },
  ];
  const embeddedAlone: readonly Example[] = [
    {
      title: `The other tenant, ${second.tenantId}, has a database of its own.`,
      command: `${loginOfSecond}\n${inNamespace(EMBEDDED_NAMESPACE, 'OTHER')}`,
    },
  ];
  return [
    {
      title: `Log in as ${first.username}, of the tenant ${first.tenantId}. The token goes into a variable of your shell.`,
      command: loginOf(auth, first, token, jq),
    },
    { title: 'Who that is, as any instance of any service would say.', command: shown({ url: `${auth}/me`, token }) },
    {
      title: 'Where flights from Seattle go, on the embedded engine: a DuckDB database of this tenant.',
      command: inNamespace(EMBEDDED_NAMESPACE, token),
    },
    ...(config.warehouse ? warehouse : embeddedAlone),
    {
      title: 'When the cleanup worker lets go of what is dead, and what its last runs deleted.',
      command: shown({ url: `http://localhost:${config.workerPort}/tasks`, token }, TASKS),
    },
    {
      title: 'Log out: 204.',
      command: curlOf({ url: `${auth}/logout`, token, options: String.raw`-X POST -w '%{http_code}\n'` }),
    },
    {
      title: 'From then on the token is good nowhere: 401, from another service too.',
      command: shown({ url: queries, token }),
    },
  ];
}

function oneLine(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').trim();
}

function twice(command: string): string {
  return `for run in first second; do\n${indented(command)}\ndone`;
}

/** A login that fails says why, and leaves the variable empty. */
function loginOf(auth: string, { username, password }: DemoUser, variable: string, jq: boolean): string {
  const login = curlOf({
    url: `${auth}/login`,
    body: { username, password },
    options: jq ? '-X POST' : '-f -X POST',
  });
  const read = jq ? `jq -r '.token // halt_error'` : String.raw`sed -nE 's/.*"token":"([^"]+)".*/\1/p'`;
  return `${variable}=$(${login} | ${read})`;
}

function curlOf({ url, token, body, options = String.raw`-w '\n'` }: Request): string {
  const lines = [['curl -sS', options, url].filter((part) => part !== '').join(' ')];
  if (token !== undefined) lines.push(`-H "Authorization: Bearer $${token}"`);
  if (body !== undefined) lines.push(`-H "Content-Type: application/json"`, `-d ${quote(JSON.stringify(body))}`);
  return lines.join(' \\\n  ');
}

/** As one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export function describeStack(stack: RunningStack, programs: Programs = findPrograms()): string {
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
      config.warehouse
        ? `http://localhost:${config.warehousePort}  (Redshift Data API, ${config.connectDelayMs} ms to connect)`
        : 'none: SQL runs in namespaces of the embedded engine, and without one is engine_not_configured',
    ],
    ['embedded engine', `DuckDB in the query API  (databases in ${folder.data})`],
    ['PostgreSQL', `${postgres.url}  (${config.warehouse ? 'databases dev and mooring' : 'database mooring'})`],
    ['folder', `${folder.path}  (logs in ${folder.logs})`],
    ...DEMO_USERS.map(({ username, password, tenantId, role }) => [
      `user ${username}`,
      `password ${password}, of the tenant ${tenantId}, ${role}`,
    ]),
  ];
  const examples = listExamples(stack, programs).map(({ title, command }) => `${title}\n\n${indented(command)}\n`);
  const table = rows.map(([left = '', right = '']) => `  ${left.padEnd(17)}${right}`);
  return ['', ...table, '', ...describeMissing(programs), ...examples, ''].join('\n');
}

function describeMissing({ curl, jq }: Programs): readonly string[] {
  return [
    ...(curl ? [] : ['curl is not installed here: the commands below need it.\n']),
    ...(jq ? [] : ['jq is not installed here: the commands below do without, and each answer is one long line.\n']),
  ];
}

function indented(command: string): string {
  return command
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
