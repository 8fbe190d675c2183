import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartConfig } from '../config.ts';
import { StartError } from '../errors.ts';
import { removal } from '../state-folder.ts';
import type { StateFolder } from '../state-folder.ts';
import { DEMO_USERS } from './demo-users.ts';
import type { DemoUser } from './demo-users.ts';

export type NamespaceKind = 'embedded' | 'warehouse';

interface Kept {
  readonly source?: string;
  readonly made?: readonly NamespaceKind[];
}

/** Which namespaces a start has made, in a file: what somebody dropped since stays dropped. */
export class MadeNamespaces {
  private constructor(
    private readonly file: string,
    private readonly source: string,
    private kinds: ReadonlySet<NamespaceKind>,
  ) {}

  /** @param source what the data is from: of another one, all namespaces are made again */
  static async open(folder: string, source: string): Promise<MadeNamespaces> {
    const file = join(folder, 'namespaces.json');
    const kept = await readKept(file);
    return new MadeNamespaces(file, source, new Set(kept.source === source ? kept.made : []));
  }

  has(kind: NamespaceKind): boolean {
    return this.kinds.has(kind);
  }

  async add(kinds: readonly NamespaceKind[]): Promise<void> {
    this.kinds = new Set([...this.kinds, ...kinds]);
    await writeFile(this.file, `${JSON.stringify({ source: this.source, made: [...this.kinds] })}\n`);
  }
}

/** To make them again does no harm. */
async function readKept(file: string): Promise<Kept> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Kept;
  } catch {
    return {};
  }
}

function notShown(reason: string, { path, logs }: ServicesPlace['folder'], cause?: unknown): StartError {
  return new StartError(
    'data_not_shown',
    `The namespaces of the tenants could not be made: ${reason}. The logs are in ${logs}. ` +
      `Start again; if that does not help: ${removal(path)}.`,
    { cause },
  );
}

interface ServicesPlace {
  readonly config: Pick<StartConfig, 'port' | 'authPort'>;
  readonly folder: Pick<StateFolder, 'path' | 'logs'>;
}

/**
 * Runs SQL at the query API, for each tenant as its dba.
 * @throws StartError `data_not_shown` with what the services say
 */
export async function runAsDbas(
  { config, folder }: ServicesPlace,
  sqlOf: (tenantId: string) => string,
  signal: AbortSignal,
): Promise<void> {
  const auth = `http://127.0.0.1:${config.authPort}/auth`;
  const ask = async (url: string, body: object, token?: string): Promise<Record<string, unknown>> => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal }).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        throw notShown(`no answer from ${url}`, folder, error);
      },
    );
    const text = await answer.text();
    if (!answer.ok) throw notShown(`${answer.status} from ${url}, ${text}`, folder);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const run = async ({ username, password, tenantId }: DemoUser): Promise<void> => {
    const { token } = await ask(`${auth}/login`, { username, password });
    await ask(`http://127.0.0.1:${config.port}/v1/sql`, { sql: sqlOf(tenantId) }, String(token));
    await ask(`${auth}/logout`, {}, String(token));
  };
  await Promise.all(DEMO_USERS.filter(({ role }) => role === 'dba').map(run));
}
