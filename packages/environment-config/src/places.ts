import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { ConfigFault } from './config-error.ts';

/** Makes the folder if it is not there. Its fault when this user can neither make it nor write to it. */
export async function folderFaults(variable: string, folder: string): Promise<ConfigFault[]> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const problem = `names a folder that this user can neither make nor write to (${codeOf(error)})`;
    return [{ variable, problem, remedy: 'Mend its rights, or name another' }];
  }
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Its fault when nothing can listen there. */
export async function portFaults(variable: string, { host, port }: ListenAddress): Promise<ConfigFault[]> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
    return [];
  } catch (error) {
    const problem = `nothing can listen on port ${port} of ${host} (${codeOf(error)})`;
    return [{ variable, problem, remedy: 'Stop what has the port, or name another' }];
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
