import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { Account } from './process/server-process.ts';

export interface CommandResult {
  /** Exit code, or -1 when the command could not be run at all. */
  readonly code: number;
  readonly output: string;
}

/** What a search for a server may ask of the machine it runs on. Injected, so that a bare machine can be simulated. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly isRoot: boolean;
  findOnPath(command: string): string | undefined;
  /** Names inside a folder; none when the folder is missing. */
  listFolder(folder: string): readonly string[];
  isExecutable(file: string): boolean;
  /** The entry file of an npm package, as seen from the file `from`. */
  findModule(name: string, from: string): string | undefined;
  /** @param account whom to run as; this process's user when left out */
  run(command: string, args: readonly string[], timeoutMs: number, account?: Account): Promise<CommandResult>;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function run(command: string, args: readonly string[], timeoutMs: number, account?: Account): Promise<CommandResult> {
  const options = { cwd: '/', timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024, ...account };
  return new Promise((resolve) => {
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      const timedOut = error?.killed === true ? `timed out after ${timeoutMs} ms\n` : '';
      resolve({ code, output: `${timedOut}${stdout}${stderr}`.trim() });
    });
  });
}

/** The machine this process runs on. `path` is a list like the PATH variable. */
export function localMachine(path: string): Machine {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return {
    platform: process.platform,
    arch: process.arch,
    isRoot: process.getuid?.() === 0,
    findOnPath: (command) => folders.map((folder) => join(folder, command)).find(isExecutable),
    listFolder: (folder) => {
      try {
        return readdirSync(folder);
      } catch {
        return [];
      }
    },
    isExecutable,
    findModule: (name, from) => {
      try {
        return createRequire(from).resolve(name);
      } catch {
        return undefined;
      }
    },
    run,
  };
}
