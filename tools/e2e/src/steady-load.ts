import { setTimeout } from 'node:timers/promises';
import type { Balancer } from './balancer.ts';
import type { Answer } from './fleet.ts';
import { StatementStream } from './statement-stream.ts';
import type { KnownUser } from './users.ts';

const PAUSE_MS = 10;
/** Where SQL of the engine runs. */
export const NAMESPACE = 'harbour';

/** How a pod that is on its way down sends a WebSocket to another: by closing it, or by not taking it. */
const LEFT_FOR_ANOTHER: ReadonlySet<string> = new Set(['1001', 'Unexpected server response: 503']);

type Caller = (load: SteadyLoad) => Promise<void>;

/** Clients of a deployment who go on until they are told to stop. What they are answered otherwise than well is kept. */
export class SteadyLoad {
  readonly failures: string[] = [];
  /** How often each kind of caller got all that it wanted. */
  readonly done: Record<string, number> = {};
  private going = true;
  private readonly callers: readonly Promise<void>[];

  constructor(
    readonly auth: Balancer,
    readonly query: Balancer,
    readonly worker: Balancer,
    readonly user: KnownUser,
    readonly token: string,
    /** Of one who may have tasks run. */
    readonly rootToken: string,
  ) {
    this.callers = Object.entries(CALLERS).map(([name, call]) => this.repeat(name, call));
  }

  get isGoing(): boolean {
    return this.going;
  }

  /** Waits until each kind of caller got all that it wanted so often, or one got something else. */
  async untilDone(times: number): Promise<void> {
    const names = Object.keys(CALLERS);
    while (this.failures.length === 0 && names.some((name) => (this.done[name] ?? 0) < times)) await setTimeout(100);
  }

  async end(): Promise<void> {
    this.going = false;
    await Promise.all(this.callers);
  }

  /** Waits for a query that was answered with its state, on whichever pod. */
  async follow(submitted: Answer): Promise<void> {
    assertStatus(submitted, 200, 202);
    const path = `/v1/queries/${String(submitted.body['id'])}`;
    for (let query = submitted.body; query['status'] !== 'finished';) {
      if (query['status'] !== 'queued' && query['status'] !== 'running') throw new Error(JSON.stringify(query));
      const answer = await this.query.ask('GET', `${path}?waitSeconds=5`, { token: this.token });
      assertStatus(answer, 200);
      query = answer.body;
    }
    const rows = await this.query.ask('GET', `${path}/rows`, { token: this.token });
    assertStatus(rows, 200);
    if (!rows.text.includes('"rows":[["')) throw new Error(rows.text);
  }

  /** One statement on a WebSocket, unless the pod leaves it for another. */
  async stream(stream: StatementStream): Promise<void> {
    const last = await stream.run("select 'streamed', pg_sleep(0.05)");
    if (last?.['type'] === 'end') this.count('a streamed statement');
    else if (last !== undefined && !JSON.stringify(last).includes('shutting_down'))
      throw new Error(JSON.stringify(last));
  }

  private count(name: string): void {
    this.done[name] = (this.done[name] ?? 0) + 1;
  }

  private async repeat(name: string, call: Caller): Promise<void> {
    while (this.going) {
      try {
        await call(this);
        this.count(name);
      } catch (error) {
        const { message, cause } = error as Error & { readonly cause?: { readonly message: string } };
        this.failures.push(`${name}: ${message}${cause === undefined ? '' : `: ${cause.message}`}`);
      }
      await setTimeout(PAUSE_MS);
    }
  }
}

function assertStatus({ status, text }: Answer, ...statuses: readonly number[]): void {
  if (!statuses.includes(status)) throw new Error(`${status} ${text}`);
}

/** Runs a statement on whichever pod is next. */
function query(sql: string, waitSeconds?: number): Caller {
  return async (load) => {
    const body = { sql, ...(waitSeconds === undefined ? {} : { waitSeconds }) };
    await load.follow(await load.query.ask('POST', '/v1/queries', { token: load.token, body }));
  };
}

const CALLERS: Readonly<Record<string, Caller>> = {
  'a login': async (load) => {
    const { username, password } = load.user;
    const login = await load.auth.ask('POST', '/auth/login', { body: { username, password } });
    assertStatus(login, 200);
    const token = String(login.body['token']);
    assertStatus(await load.auth.ask('GET', '/auth/me', { token }), 200);
    assertStatus(await load.query.ask('GET', '/v1/queries?limit=1', { token }), 200);
    assertStatus(await load.auth.ask('POST', '/auth/logout', { token }), 204);
    assertStatus(await load.query.ask('GET', '/v1/queries?limit=1', { token }), 401);
  },
  'a verification': async (load) => {
    assertStatus(await load.auth.ask('GET', '/auth/me', { token: load.token }), 200);
  },
  'a short statement': query("select 'short'"),
  'a long statement': query("select 'long', pg_sleep(0.7)"),
  'a statement that nobody waits for': query("select 'left', pg_sleep(0.5)", 0),
  SQL: async ({ query: pods, token }) => {
    const answer = await pods.ask('POST', '/v1/sql', {
      token,
      body: { namespace: NAMESPACE, sql: 'select 6 * 7 as answer' },
    });
    assertStatus(answer, 200);
  },
  'SQL that streams rows': async ({ query: pods, token }) => {
    const body = { namespace: NAMESPACE, sql: 'select n from generate_series(1, 2000) as g(n)' };
    const rows = await pods.ask('POST', '/v1/sql', { token, body, headers: { accept: 'application/x-ndjson' } });
    assertStatus(rows, 200);
    if (rows.text.split('\n').filter((line) => line !== '').length < 2000) throw new Error('rows are missing');
  },
  'a sweep': async (load) => {
    const path = '/tasks/sweep-auth/run';
    assertStatus(await load.worker.ask('POST', path, { token: load.rootToken, body: {} }), 200, 202, 409);
  },
  'a streamed statement': async (load) => {
    const stream = new StatementStream(load.query.next(), load.token);
    try {
      await stream.ready();
      while (load.isGoing && stream.ended === undefined) await load.stream(stream);
      if (stream.ended !== undefined && !LEFT_FOR_ANOTHER.has(stream.ended)) throw new Error(stream.ended);
    } finally {
      stream.close();
    }
  },
};
