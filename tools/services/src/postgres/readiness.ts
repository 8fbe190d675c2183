import { Client } from 'pg';

const POLL_MS = 25;

export function adminUrl(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

async function readDataFolder(port: number): Promise<string | undefined> {
  const client = new Client({ connectionString: adminUrl(port), connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch {
    return undefined;
  }
  try {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Waits until a server answers and is the one that was started: something else may have taken the port meanwhile.
 * @param exited settles when the started server ends
 * @param dataDir the folder it must say it runs on
 */
export async function waitForPostgres(
  port: number,
  exited: Promise<void>,
  dataDir: string,
  timeoutMs = 180_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const ended = exited.then(() => {
    throw new Error('the server ended before it answered');
  });
  ended.catch(() => undefined);
  while ((await Promise.race([readDataFolder(port), ended])) !== dataDir) {
    if (performance.now() > deadline) throw new Error(`no answer after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
