import { createHmac, randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { LocalError } from './errors.ts';
import { installFunctions } from './sql/functions.ts';
import { CUSTOM_SETTINGS } from './sql/settings.ts';

const OWN_ROLE = 'created by redshift-data-local';
const WRONG_PASSWORD = '28P01';
/** What two servers on one PostgreSQL can meet while they create the same user: it exists, or is changed just now. */
const RACED = new Set(['23505', '42710', 'XX000', '40001']);
const ATTEMPTS = 5;

/** Results are read as text, so that their form must not depend on the server's configuration. */
const TEXT_FORMS = [
  'timezone=UTC',
  'datestyle=ISO',
  'intervalstyle=postgres',
  'bytea_output=hex',
  'extra_float_digits=1',
];
const STARTUP = [...TEXT_FORMS, ...CUSTOM_SETTINGS.map((name) => `redshift.${name}=default`)];
const STARTUP_OPTIONS = STARTUP.map((setting) => `-c ${setting}`).join(' ');

export interface DatabaseUserRules {
  readonly passwords: Readonly<Record<string, string>>;
  readonly create: boolean;
  readonly readAllData: boolean;
}

/**
 * Connections to PostgreSQL as the users that statements name: real logins, so that no statement can become anybody
 * else. The passwords of users created here are derived from the administrator's.
 */
export class DatabaseConnections {
  opened = 0;
  private readonly url: URL;
  private readonly secret: Buffer | string;
  private readonly passwords: ReadonlyMap<string, string>;
  private readonly prepared = new Map<string, Promise<void>>();
  /** One administrative change at a time: PostgreSQL refuses concurrent ones of the same rows. */
  private admin: Promise<unknown> = Promise.resolve();

  constructor(
    postgresUrl: string,
    private readonly users: DatabaseUserRules,
  ) {
    this.url = parseUrl(postgresUrl);
    this.passwords = new Map(Object.entries(users.passwords));
    this.secret = this.url.password === '' ? randomBytes(32) : this.url.password;
  }

  /** The one of the URL. */
  get database(): string {
    return decodeURIComponent(this.url.pathname.slice(1)) || 'postgres';
  }

  async connect(database: string, role: string): Promise<Client> {
    this.opened += 1;
    await this.once(`role ${role}`, () => this.prepareRole(role));
    await this.once(`database ${database}`, () => this.asAdmin(installFunctions, database));
    try {
      return await this.login(database, role);
    } catch (error) {
      // Somebody may have dropped what was prepared.
      this.prepared.delete(`role ${role}`);
      this.prepared.delete(`database ${database}`);
      if ((error as { readonly code?: string }).code !== WRONG_PASSWORD) throw error;
      if (!(await this.renewPassword(role))) throw error;
      return this.login(database, role);
    }
  }

  /** Ends what the backend process runs. */
  async cancelBackend(pid: number): Promise<void> {
    await this.asAdmin((client) => client.query('SELECT pg_cancel_backend($1)', [pid]));
  }

  /** Ends the backend process. */
  async terminateBackend(pid: number): Promise<void> {
    await this.asAdmin((client) => client.query('SELECT pg_terminate_backend($1)', [pid]));
  }

  async asAdmin<T>(work: (client: Client) => Promise<T>, database?: string): Promise<T> {
    const url = new URL(this.url);
    if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
    const client = new Client({ connectionString: url.href, application_name: 'redshift-data-local admin' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async login(database: string, role: string): Promise<Client> {
    const url = new URL(this.url);
    url.pathname = `/${encodeURIComponent(database)}`;
    url.username = encodeURIComponent(role);
    url.password = encodeURIComponent(this.passwordOf(role));
    const client = new Client({
      connectionString: url.href,
      application_name: 'redshift-data-local',
      options: STARTUP_OPTIONS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    return client;
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

  /** Creates the role if it may. One that somebody else created stays as it is; a superuser must be allowed by name. */
  private async prepareRole(role: string): Promise<void> {
    if (this.passwords.has(role)) return;
    const found = await this.asAdmin((client) => roleOf(client, role));
    if (found === undefined ? !this.users.create : found.super) {
      throw Object.assign(new Error(`password authentication failed for user "${role}"`), { code: WRONG_PASSWORD });
    }
    if (found !== undefined && (!found.own || found.reads || !this.users.readAllData)) return;
    const name = escapeIdentifier(role);
    await this.changeRoles([
      ...(found === undefined ? [`CREATE ROLE ${name} LOGIN PASSWORD ${escapeLiteral(this.passwordOf(role))}`] : []),
      `COMMENT ON ROLE ${name} IS ${escapeLiteral(OWN_ROLE)}`,
      ...(this.users.readAllData ? [`GRANT pg_read_all_data TO ${name}`] : []),
    ]);
  }

  /** For a user that a server with another administrator's password created. */
  private async renewPassword(role: string): Promise<boolean> {
    if (this.passwords.has(role)) return false;
    const found = await this.asAdmin((client) => roleOf(client, role));
    if (found?.own !== true || found.super) return false;
    await this.changeRoles([`ALTER ROLE ${escapeIdentifier(role)} PASSWORD ${escapeLiteral(this.passwordOf(role))}`]);
    return true;
  }

  private async changeRoles(changes: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.asAdmin((client) => client.query(['BEGIN', ...changes, 'COMMIT'].join(';')));
        return;
      } catch (error) {
        const { code = '' } = error as { readonly code?: string };
        if (!RACED.has(code) || attempt === ATTEMPTS) throw error;
        if (code === '42710' || code === '23505') return;
      }
    }
  }

  private passwordOf(role: string): string {
    return this.passwords.get(role) ?? createHmac('sha256', this.secret).update(role).digest('base64url');
  }
}

interface FoundRole {
  readonly own: boolean;
  readonly super: boolean;
  readonly reads: boolean;
}

async function roleOf(client: Client, role: string): Promise<FoundRole | undefined> {
  const { rows } = await client.query<FoundRole>(
    `SELECT coalesce(shobj_description(oid, 'pg_authid') = $2, false) AS own, rolsuper AS super,
            pg_has_role(oid, 'pg_read_all_data', 'MEMBER') AS reads
     FROM pg_roles WHERE rolname = $1`,
    [role, OWN_ROLE],
  );
  return rows[0];
}

function parseUrl(postgresUrl: string): URL {
  const remedy = 'Give --postgres-url (postgresUrl) as postgres://user:password@host:5432/database.';
  const url = URL.canParse(postgresUrl) ? new URL(postgresUrl) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') {
    throw new LocalError('invalid_option', `The URL of PostgreSQL is none. ${remedy}`);
  }
  return url;
}
