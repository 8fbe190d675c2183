import { Client } from 'pg';
import type { PostgresServer } from './postgres-server.ts';

export interface GuardedRole {
  readonly name: string;
  readonly password: string;
}

const REFUSED_PASSWORD = '28P01';

/** Makes a role whose password the server asks for, while everybody else is let in without; it may do nothing more. */
export async function guardRole({ url }: Pick<PostgresServer, 'url'>, { name, password }: GuardedRole): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create role ${client.escapeIdentifier(name)} login password ${client.escapeLiteral(password)}`);
    const { rows } = await client.query<{ file: string }>(`select current_setting('hba_file') as file`);
    const lines = [`host all ${name} all scram-sha-256`, 'host all all all trust', 'local all all trust'];
    const values = lines.map((line) => `(${client.escapeLiteral(line)})`).join(', ');
    await client.query(`copy (values ${values}) to ${client.escapeLiteral(rows[0]?.file ?? '')}`);
    await client.query('select pg_reload_conf()');
  } finally {
    await client.end();
  }
  const wrong = new URL(url);
  [wrong.username, wrong.password] = [name, `not ${password}`];
  // The server reads its rules again in its own time.
  while (!(await isRefused(wrong.href))) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function isRefused(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return false;
  } catch (error) {
    if ((error as { readonly code?: string }).code === REFUSED_PASSWORD) return true;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
