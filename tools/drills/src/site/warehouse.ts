import { startService } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';

/**
 * redshift-data-local as a process: its sessions and results are gone when it is killed. What it accepted it still knows, as
 * the Data API does, or no client could know that a statement is not to be sent again.
 */
export class Warehouse {
  private constructor(
    private readonly postgresUrl: string,
    private readonly journal: string,
    private running: ServiceProcess,
  ) {}

  static async start(postgresUrl: string, journal: string): Promise<Warehouse> {
    return new Warehouse(postgresUrl, journal, await run(postgresUrl, journal));
  }

  get url(): string {
    return this.running.url;
  }

  async kill(): Promise<void> {
    this.running.signal('SIGKILL');
    await this.running.exited;
  }

  /** On the same port. */
  async restart(): Promise<void> {
    await this.running.stop();
    this.running = await run(this.postgresUrl, this.journal, Number(new URL(this.url).port));
  }

  /** So many next submissions are carried out, and their answers lost. */
  async loseAnswers(submissions: number): Promise<void> {
    const body = JSON.stringify({ dropResponses: { ExecuteStatement: submissions } });
    const { ok, status } = await fetch(`${this.url}/_local/faults`, { method: 'POST', body });
    if (!ok) throw new Error(`the warehouse refused to lose answers: ${status}`);
  }

  async stats(): Promise<{ readonly sessionsOpen: number; readonly statementsRunning: number }> {
    const response = await fetch(`${this.url}/_local/stats`);
    return (await response.json()) as { sessionsOpen: number; statementsRunning: number };
  }

  stop(): Promise<void> {
    return this.running.stop();
  }
}

function run(postgresUrl: string, journal: string, port?: number): Promise<ServiceProcess> {
  return startService({
    script: 'packages/redshift-data-local/dist/cli.js',
    args: ['--postgres-url', postgresUrl, '--control', '--journal', journal],
    portAsArguments: (free) => ['--port', String(free)],
    readyPath: '/health',
    ...(port === undefined ? {} : { port }),
  });
}
