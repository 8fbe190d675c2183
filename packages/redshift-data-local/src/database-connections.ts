import { createHmac, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { installFunctions } from './sql/functions.ts';

const OWN_ROLE = 'created by redshift-data-local';

/**
 * Connections to PostgreSQL as the users that statements name: real logins, so that no statement can become anybody
 * else. Passwords are made up for each run of the server and known to nobody.
 */
export class DatabaseConnections {
  opened = 0;
  private readonly secret = randomBytes(32);
  private readonly prepared = new Map<string, Promise<void>>();
  /** One administrative change at a time: PostgreSQL refuses concurrent ones of the same rows. */
  private admin: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly postgresUrl: string,
    private readonly createUsers: boolean,
    private readonly knownPasswords: Readonly<Record<string, string>> = {},
  ) {}

  async connect(database: string, role: string): Promise<Client> {
    this.opened += 1;
    await this.once(`role ${role}`, () => this.prepareRole(role));
    await this.once(`database ${database}`, () => this.asAdmin(database, installFunctions));
    const url = new URL(this.postgresUrl);
    const client = new Client({
      host: url.hostname,
      port: Number(url.port || 5432),
      database,
      user: role,
      password: this.passwordOf(role),
      application_name: 'redshift-data-local',
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Ends what the backend process runs. */
  async cancelBackend(pid: number): Promise<void> {
    await this.asAdmin(undefined, async (client) => {
      await client.query('SELECT pg_cancel_backend($1)', [pid]);
    });
  }

  async asAdmin<T>(database: string | undefined, work: (client: Client) => Promise<T>): Promise<T> {
    const url = new URL(this.postgresUrl);
    if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
    const client = new Client({ connectionString: url.href, application_name: 'redshift-data-local admin' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private once(name: string, work: () => Promise<void>): Promise<void> {
    const known = this.prepared.get(name);
    if (known !== undefined) return known;
    const prepared = this.admin.then(work, work);
    this.admin = prepared.catch(() => undefined);
    this.prepared.set(name, prepared);
    prepared.catch(() => this.prepared.delete(name));
    return prepared;
  }

  /** Creates the role, or gives one that an earlier run created its new password. All others stay as they are. */
  private async prepareRole(role: string): Promise<void> {
    if (this.knownPasswords[role] !== undefined) return;
    await this.asAdmin(undefined, async (client) => {
      const { rows } = await client.query<{ own: boolean }>(
        "SELECT coalesce(shobj_description(oid, 'pg_authid') = $2, false) AS own FROM pg_roles WHERE rolname = $1",
        [role, OWN_ROLE],
      );
      if (rows[0] === undefined ? !this.createUsers : !rows[0].own) {
        throw Object.assign(new Error(`password authentication failed for user "${role}"`), { code: '28P01' });
      }
      const name = client.escapeIdentifier(role);
      const verb = rows[0] === undefined ? 'CREATE' : 'ALTER';
      await client.query(`${verb} ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(this.passwordOf(role))}`);
      await client.query(`COMMENT ON ROLE ${name} IS ${client.escapeLiteral(OWN_ROLE)}`);
    });
  }

  private passwordOf(role: string): string {
    return this.knownPasswords[role] ?? createHmac('sha256', this.secret).update(role).digest('base64url');
  }
}
