import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = fileURLToPath(new URL('../bin/redshift-data-local.mjs', import.meta.url));
const URL_LINE = /The Redshift Data API is at (http:\S+)/;

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly url: string;
  readonly stdout: () => string;
  stop(signal: 'SIGINT' | 'SIGTERM'): Promise<Ended>;
}

/** The command runs what is compiled. */
export async function compile(): Promise<void> {
  const tsc = createRequire(import.meta.url)
    .resolve('@typescript/native/package.json')
    .replace('package.json', 'bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-b', FOLDER]);
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return launch(program, args, env).ended;
}

/** Runs the command to its end. */
export function runCommand(...args: string[]): Promise<Ended> {
  return run(process.execPath, [COMMAND, ...args]);
}

/** Starts the command and waits for its URL. */
export async function startCommand(...args: string[]): Promise<Running> {
  const { child, ended, output } = launch(process.execPath, [COMMAND, '--port', '0', ...args], {});
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = URL_LINE.exec(output().stdout)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(({ stderr }) => reject(new Error(`The command ended: ${stderr}`)));
  });
  return {
    url,
    stdout: () => output().stdout,
    stop(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

function launch(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
  const output = () => ({ stdout, stderr });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...output() }));
  });
  return { child, ended, output };
}
