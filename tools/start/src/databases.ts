import { Client, escapeIdentifier } from 'pg';

/** Database of the warehouse's data. */
export const WAREHOUSE_DATABASE = 'dev';
/** Database and role of the services' own state. */
export const STATE_DATABASE = 'mooring';

/** Connects, and closes again whatever happens. */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'npm start' });
  // A server that ends takes the connection along; the query under way fails and says so.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function urlOf(adminUrl: string, database: string, user?: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  if (user !== undefined) url.username = user;
  return url.href;
}

/**
 * The databases and the role of the services; what is there stays, but nobody reads the tables of everybody.
 * @param options.warehouse whether there is one
 */
export async function prepareDatabases(adminUrl: string, { warehouse }: { warehouse: boolean }): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await ensureRole(client, STATE_DATABASE);
    if (warehouse) await ensureDatabase(client, WAREHOUSE_DATABASE, 'postgres');
    await ensureDatabase(client, STATE_DATABASE, STATE_DATABASE);
    await client.query(`revoke all on database ${STATE_DATABASE} from public`);
    await revokeReadingAll(client);
  });
}

/** An earlier version let each tenant's database user read every table, and so what other tenants made. */
async function revokeReadingAll(client: Client): Promise<void> {
  const { rows } = await client.query<{ member: string }>(
    `select member::regrole::text as member from pg_auth_members where roleid = 'pg_read_all_data'::regrole`,
  );
  for (const { member } of rows) await client.query(`revoke pg_read_all_data from ${member}`);
}

export async function ensureRole(client: Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
  if (rowCount === 0) await client.query(`create role ${escapeIdentifier(name)} login`);
}

async function ensureDatabase(client: Client, name: string, owner: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0) {
    await client.query(`create database ${escapeIdentifier(name)} owner ${escapeIdentifier(owner)}`);
  }
}
