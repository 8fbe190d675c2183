import { execFile, execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const UP = 'Everything is up';

/** Compiles the tool and what it starts; only what changed is compiled. */
export async function compileStart(): Promise<void> {
  const tsc = promisify(execFile)(`${ROOT}/node_modules/.bin/tsc`, ['-b', 'tools/start'], { cwd: ROOT });
  await tsc.catch((error: { stdout?: string }) => {
    throw new Error(`tools/start does not compile:\n${error.stdout}`);
  });
}

export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 120_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function isAlive(pid: number): boolean {
  try {
    if (process.platform === 'linux') return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function commandLineOf(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function parents(): ReadonlyMap<number, number> {
  if (existsSync('/proc/self/stat')) {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return new Map(
      pids.flatMap((pid) => {
        try {
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
          return [[Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const];
        } catch {
          return [];
        }
      }),
    );
  }
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return new Map(lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
}

/** `npm start` without npm: the compiled tool as a process of its own. */
export class StartProcess {
  output = '';
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;
  private readonly ended: Promise<number>;
  private code: number | undefined;

  /** @param options.byNpm in a shell, as npm runs a script; then the signals go to the shell */
  constructor(args: readonly string[], options: { byNpm?: boolean } = {}) {
    const command = [process.execPath, `${ROOT}/tools/start/dist/main.js`, ...args];
    const { npm_lifecycle_event: _, ...env } = process.env;
    this.child =
      options.byNpm === true
        ? spawn('/bin/sh', ['-c', `${command.map((word) => `'${word}'`).join(' ')}; :`], {
            stdio: ['ignore', 'pipe', 'pipe'],
            env: { ...env, npm_lifecycle_event: 'start' },
          })
        : spawn(process.execPath, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString('utf8')));
    }
    this.ended = new Promise((resolve) => {
      // `close` comes when all that it wrote was read, but a shell's children have its output, too.
      this.child.once(options.byNpm === true ? 'exit' : 'close', (code) => resolve((this.code = code ?? -1)));
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** Waits until everything is up. */
  async up(): Promise<this> {
    await until('start', () => this.output.includes(UP) || this.code !== undefined, 240_000);
    if (!this.output.includes(UP)) throw new Error(`it ended with exit code ${this.code}:\n${this.output}`);
    return this;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** @returns the exit code, -1 after a signal */
  end(): Promise<number> {
    return this.ended;
  }

  /** Process ids of everything below it, PostgreSQL's own children included. */
  descendants(): number[] {
    const all = [...parents()];
    const below = (pid: number): number[] =>
      all.filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
    return below(this.pid);
  }
}

/** A user of the query API. */
export class QueryClient {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @param ports of the query API and the auth API */
  static async logIn([port, authPort]: readonly number[], username: string): Promise<QueryClient> {
    const { token } = await post(`http://127.0.0.1:${authPort}/auth/login`, { username, password: username });
    return new QueryClient(`http://127.0.0.1:${port}/v1`, String(token));
  }

  /** The answer of the engine, a problem too. */
  sql(namespace: string, sql: string): Promise<Record<string, unknown>> {
    return post(`${this.url}/sql`, { namespace, sql }, this.token);
  }

  async rows(sql: string): Promise<unknown> {
    const answer = await this.run(sql);
    if (answer['status'] !== 'finished') throw new Error(`${sql}: ${JSON.stringify(answer)}`);
    return answer['rows'];
  }

  /** What is said of a statement that does not finish. */
  async fault(sql: string): Promise<string> {
    const answer = await this.run(sql);
    if (answer['status'] === 'finished') throw new Error(`${sql} finished: ${JSON.stringify(answer['rows'])}`);
    return JSON.stringify(answer);
  }

  private run(sql: string): Promise<Record<string, unknown>> {
    return post(`${this.url}/queries`, { sql }, this.token);
  }
}

async function post(url: string, body: object, token?: string): Promise<Record<string, unknown>> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
}
