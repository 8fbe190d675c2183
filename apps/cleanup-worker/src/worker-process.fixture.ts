import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './store.fixture.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

type Line = Record<string, unknown> & { readonly msg?: string; readonly audit?: Record<string, unknown> };

export interface WorkerProcess {
  readonly pid: number;
  output(): string;
  /** Lines of its log. */
  log(): Line[];
  /** Audit lines of a type. */
  audits(type: string): Record<string, unknown>[];
  /** Ends when the process does, with its exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
}

/** Brings dist up to date with the sources: specs run real processes. */
export async function build(): Promise<void> {
  const tsc = createRequire(import.meta.url)
    .resolve('@typescript/native/package.json')
    .replace('package.json', 'bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-b', 'apps/cleanup-worker'], { cwd: ROOT });
  } catch (error) {
    throw new Error(`The worker does not build: ${(error as { stdout?: string }).stdout ?? ''}`, { cause: error });
  }
}

/** Processes of a spec, that end with it whatever becomes of its tests. */
export class Workers {
  private readonly all: WorkerProcess[] = [];

  constructor(private readonly env: Readonly<Record<string, string>>) {}

  /** Runs the command with this environment and no other. */
  run(args: readonly string[], change: Readonly<Record<string, string>> = {}): WorkerProcess {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env['PATH'] ?? '', NODE_NO_WARNINGS: '1', MOORING_PORT: '0', ...this.env, ...change },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const log = (): Line[] =>
      text
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Line);
    const worker: WorkerProcess = {
      pid: child.pid ?? 0,
      output: () => text,
      log,
      audits: (type) => log().flatMap(({ audit }) => (audit?.['type'] === type ? [audit] : [])),
      exited: new Promise((resolve) => child.on('close', resolve)),
      signal: (name) => child.kill(name),
    };
    this.all.push(worker);
    return worker;
  }

  /** Serves, and listens already. */
  async serve(change: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    const worker = this.run([], change);
    let over = false;
    void worker.exited.then(() => (over = true));
    await until(() => over || worker.log().some(({ msg }) => msg === 'Listening'));
    if (over) throw new Error(`The worker did not start:\n${worker.output()}`);
    return worker;
  }

  async kill(): Promise<void> {
    for (const worker of this.all.splice(0)) {
      worker.signal('SIGKILL');
      await worker.exited;
    }
  }
}
