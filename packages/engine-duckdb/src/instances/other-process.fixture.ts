import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const PROGRAM = `
  const { DuckDBInstance } = require('@duckdb/node-api');
  const [file, sql] = process.argv.slice(1);
  DuckDBInstance.create(file).then(async (instance) => {
    const connection = await instance.connect();
    await connection.run(sql);
    process.stdout.write('ready');
    setInterval(() => connection.progress, 1000);
  }).catch((error) => {
    process.stderr.write(error.message);
    process.exitCode = 1;
  });`;

/** A process that has a database file open by DuckDB's own means. */
export class OtherProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(file: string, sql: string): Promise<OtherProcess> {
    const child = spawn(process.execPath, ['-e', PROGRAM, file, sql], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const ready = once(child.stdout, 'data').then(() => true);
    const ended = once(child, 'close').then(() => false);
    if (await Promise.race([ready, ended])) return new OtherProcess(child);
    throw new Error(errors);
  }

  /** Without any chance to clean up. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}
