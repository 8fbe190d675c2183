import { buildProjects, runProgram } from '@mooring/services';
import type { RunningProgram } from '@mooring/services';
import { until } from './store.fixture.ts';

type Line = Record<string, unknown> & { readonly msg?: string; readonly audit?: Record<string, unknown> };

export interface WorkerProcess extends RunningProgram {
  /** Lines of its log. */
  log(): Line[];
  /** Audit lines of a type. */
  audits(type: string): Record<string, unknown>[];
}

/** Brings dist up to date with the sources: specs run real processes. */
export function build(): Promise<void> {
  return buildProjects('apps/cleanup-worker');
}

/** Processes of a spec, that end with it whatever becomes of its tests. */
export class Workers {
  private readonly all: WorkerProcess[] = [];

  constructor(private readonly env: Readonly<Record<string, string>>) {}

  /** Runs the command with this environment and no other. */
  run(args: readonly string[], change: Readonly<Record<string, string>> = {}): WorkerProcess {
    const program = runProgram({
      script: 'apps/cleanup-worker/dist/main.js',
      args,
      env: { MOORING_PORT: '0', ...this.env, ...change },
    });
    const log = (): Line[] =>
      program
        .output()
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Line);
    const worker: WorkerProcess = {
      ...program,
      log,
      audits: (type) => log().flatMap(({ audit }) => (audit?.['type'] === type ? [audit] : [])),
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
