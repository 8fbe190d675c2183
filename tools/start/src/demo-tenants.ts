import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { StartError } from './errors.ts';
import { removal, type StateFolder } from './state-folder.ts';

export interface DemoTenant {
  readonly tenantId: string;
  readonly userId: string;
  readonly dbUser: string;
  /** Bearer token for the query API. */
  readonly token: string;
}

const DEMO = [
  { tenantId: 'acme', userId: 'ann' },
  { tenantId: 'globex', userId: 'bob' },
];

/** Two tenants with a token each, made at the first start and kept in the folder. */
export async function readDemoTenants(folder: StateFolder): Promise<readonly DemoTenant[]> {
  let text: string;
  try {
    text = await readFile(folder.tenants, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw damaged(folder, error);
    const tenants = DEMO.map((tenant) => ({
      ...tenant,
      dbUser: `tenant_${tenant.tenantId}`,
      token: `demo-${tenant.tenantId}-${randomBytes(12).toString('hex')}`,
    }));
    await writeFile(folder.tenants, `${JSON.stringify(tenants, null, 2)}\n`, { mode: 0o600 });
    return tenants;
  }
  try {
    const tenants = JSON.parse(text) as DemoTenant[];
    if (!tenants.every(({ token, dbUser }) => typeof token === 'string' && typeof dbUser === 'string')) {
      throw new TypeError('an entry without token or dbUser');
    }
    return tenants;
  } catch (error) {
    throw damaged(folder, error);
  }
}

/** As the query API reads them: `<token>=<tenant>/<user>/<database user>`. */
export function listApiTokens(tenants: readonly DemoTenant[]): string {
  return tenants.map(({ token, tenantId, userId, dbUser }) => `${token}=${tenantId}/${userId}/${dbUser}`).join(',');
}

function damaged(folder: StateFolder, cause: unknown): StartError {
  return new StartError(
    'folder_not_usable',
    `${folder.tenants} can't be read or is damaged. Remedy: remove that file for new tokens; or, for all of ` +
      `${folder.path}, ${removal(folder.path)}.`,
    { cause },
  );
}
