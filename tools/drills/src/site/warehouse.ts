import { startService } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';

/** redshift-data-local as a process: what it has in memory is gone when it is killed. */
export class Warehouse {
  private constructor(
    private readonly postgresUrl: string,
    private running: ServiceProcess,
  ) {}

  static async start(postgresUrl: string): Promise<Warehouse> {
    return new Warehouse(postgresUrl, await run(postgresUrl));
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
    this.running = await run(this.postgresUrl, Number(new URL(this.url).port));
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

function run(postgresUrl: string, port?: number): Promise<ServiceProcess> {
  return startService({
    script: 'packages/redshift-data-local/dist/cli.js',
    args: ['--postgres-url', postgresUrl, '--control'],
    portAsArguments: (free) => ['--port', String(free)],
    readyPath: '/health',
    ...(port === undefined ? {} : { port }),
  });
}
