import { SESSION_LIMIT } from '../load/limit.ts';
import type { Admission, Ledger, TokenState } from '../load/ledger.ts';
import { lineOf } from './verdict.ts';
import type { Line } from './verdict.ts';

/** What is there after a drill, read through other pods than those that acknowledged it. */
export interface Readback {
  /** What every pod of both services says of a token. */
  statuses(token: string): Promise<readonly number[]>;
  /** The status of a login. */
  login(username: string, password: string): Promise<number>;
  /** How often each statement ran, by its id. */
  runs(): Promise<ReadonlyMap<string, number>>;
  /** Statuses of a query at every pod, as the service that keeps it names them. */
  queryStatuses(queryId: string, tenantId: string): Promise<readonly string[]>;
  /** Statements that the tenant's budget counts. */
  spent(tenantId: string): Promise<number>;
}

const QUERIES_READ = 12;
const AT_ONCE = 8;

/** Compares what was acknowledged with what is there. */
export async function judgeLedger(ledger: Ledger, readback: Readback): Promise<readonly Line[]> {
  return [
    lineOf('answers are documented', ledger.faults, formatAnswers(ledger)),
    await judgeTokens(ledger, readback, 'live', 200),
    await judgeTokens(ledger, readback, 'dead', 401),
    // Last: showing a replaced token ends its session.
    await judgeTokens(ledger, readback, 'replaced', 401),
    await judgePasswords(ledger, readback),
    ...(await judgeStatements(ledger, readback)),
  ];
}

/** The part that takes no longer for what was done long ago. */
export async function judgeStatements(ledger: Ledger, readback: Readback): Promise<readonly Line[]> {
  const runs = await readback.runs();
  return [
    judgeAcknowledged(ledger, runs),
    judgeRepeats(ledger, runs),
    await judgeQueries(ledger, readback),
    judgeLimit(ledger.admissions),
    await judgeBudget(ledger, readback),
  ];
}

const TOKEN_LINES: Readonly<Record<Exclude<TokenState, 'unsure'>, string>> = {
  live: 'live tokens are good everywhere',
  dead: 'ended tokens are refused everywhere',
  replaced: 'replaced tokens are refused everywhere',
};

async function judgeTokens(
  ledger: Ledger,
  readback: Readback,
  state: Exclude<TokenState, 'unsure'>,
  expected: number,
): Promise<Line> {
  const tokens = ledger.tokensIn(state);
  const wrong: string[] = [];
  for (let from = 0; from < tokens.length; from += AT_ONCE) {
    const read = await Promise.all(tokens.slice(from, from + AT_ONCE).map((token) => readback.statuses(token)));
    for (const [index, statuses] of read.entries()) {
      if (statuses.some((status) => status !== expected))
        wrong.push(`token ${from + index + 1}: ${statuses.join(', ')}`);
    }
  }
  return lineOf(TOKEN_LINES[state], wrong, `${tokens.length} tokens`);
}

async function judgePasswords(ledger: Ledger, readback: Readback): Promise<Line> {
  const wrong: string[] = [];
  let changes = 0;
  for (const { username, current, retired } of ledger.passwords.values()) {
    const statuses = await Promise.all(current.map((password) => readback.login(username, password)));
    if (!statuses.includes(200))
      wrong.push(`the password that was acknowledged last is answered ${statuses.join(', ')}`);
    changes += retired.length;
    const last = retired.at(-1);
    if (last === undefined) continue;
    const status = await readback.login(username, last);
    if (status !== 401) wrong.push(`the password before is answered ${status}`);
  }
  return lineOf('passwords are the last ones', wrong, `${changes} changes`);
}

function judgeAcknowledged({ statements }: Ledger, runs: ReadonlyMap<string, number>): Line {
  const acknowledged = [...statements.values()].filter(({ outcome }) => outcome === 'acknowledged');
  const lost = acknowledged.filter(({ id }) => !runs.has(id)).map(({ id }) => `${id} did not run`);
  return lineOf('acknowledged statements ran', lost, `${acknowledged.length} of ${statements.size} acknowledged`);
}

function judgeRepeats({ statements }: Ledger, runs: ReadonlyMap<string, number>): Line {
  const repeated = [...statements.keys()]
    .filter((id) => (runs.get(id) ?? 0) > 1)
    .map((id) => `${id} ran ${runs.get(id) ?? 0} times`);
  return lineOf('no statement ran twice', repeated, `${statements.size} submitted`);
}

async function judgeQueries({ statements }: Ledger, readback: Readback): Promise<Line> {
  const kept = [...statements.values()].filter(
    ({ outcome, queryId }) => outcome === 'acknowledged' && queryId !== undefined,
  );
  const read = kept.filter((_, index) => index % Math.ceil(kept.length / QUERIES_READ) === 0);
  const wrong: string[] = [];
  for (const { queryId = '', tenantId } of read) {
    const statuses = await readback.queryStatuses(queryId, tenantId);
    if (statuses.some((status) => status !== 'finished')) wrong.push(`${queryId} is ${statuses.join(', ')}`);
  }
  return lineOf('finished queries are kept', wrong, `${read.length} of ${kept.length} read`);
}

/** Lets nothing through wrongly: an answer came after its request was let through, and after it was sent. */
function judgeLimit(admissions: readonly Admission[]): Line {
  const { requests, windowSeconds } = SESSION_LIMIT;
  const sent = admissions.toSorted((a, b) => a.sentAt - b.sentAt);
  const wrong: string[] = [];
  for (let first = 0; first + requests < sent.length; first += 1) {
    const group = sent.slice(first, first + requests + 1);
    const spanMs = Math.max(...group.map(({ answeredAt }) => answeredAt)) - (group[0]?.sentAt ?? 0);
    if (spanMs < windowSeconds * 1000) wrong.push(`${group.length} requests within ${Math.round(spanMs)} ms`);
  }
  return lineOf('limit is exact', wrong, `${admissions.length} admitted, ${requests} in ${windowSeconds} s allowed`);
}

async function judgeBudget({ statements }: Ledger, readback: Readback): Promise<Line> {
  const wrong: string[] = [];
  const seen: string[] = [];
  for (const tenantId of new Set([...statements.values()].map((statement) => statement.tenantId))) {
    const own = [...statements.values()].filter((statement) => statement.tenantId === tenantId);
    const acknowledged = own.filter(({ outcome }) => outcome === 'acknowledged').length;
    const spent = await readback.spent(tenantId);
    seen.push(`${spent} spent of ${acknowledged} to ${own.length}`);
    if (spent < acknowledged) wrong.push(`${acknowledged} statements were acknowledged, ${spent} are spent`);
  }
  return lineOf('budgets add up', wrong, seen.join(', '));
}

function formatAnswers({ answers }: Ledger): string {
  return [...answers]
    .toSorted(([, a], [, b]) => b - a)
    .map(([what, count]) => `${count} x ${what}`)
    .join(', ');
}
