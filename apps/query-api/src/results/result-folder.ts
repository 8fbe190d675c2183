import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { access, link, mkdir, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NewResult, unwritable } from './new-result.ts';
import { TEMPORARY } from './result-variables.ts';
import type { ResultSettings } from './result-variables.ts';
import { TenantSpaces } from './tenant-space.ts';

/** As long as a query is known, and the warehouse keeps results. */
export const KEPT_MS = 24 * 3600 * 1000;
/** A result that nobody has written to for so long beyond the longest statement is of a process that died. */
const MARGIN_MS = 300_000;
const PART = '.part';
const ID_FILE = 'folder-id';
/** What is called otherwise is none of ours, and stays. */
const TENANT_NAME = /^[0-9a-f]{64}$/;
const FILE_NAME = /^[\w-]+-\d+\.(?:rows|csv|parquet)(?:\.part)?$/;

/**
 * The results of all tenants, a file each: `<digest of the tenant>/<query>-<attempt>.<form>`. Several processes may share it.
 */
export class ResultFolder {
  private readonly spaces: TenantSpaces;

  private constructor(
    private readonly path: string,
    /** The same for all processes that have this folder, and no other's. */
    readonly id: string,
    private readonly settings: ResultSettings,
    private readonly longestStatementMs: number,
  ) {
    this.spaces = new TenantSpaces(settings.maxBytesPerTenant, (tenant) => this.bytesOf(tenant));
  }

  /** Undefined where results are not kept. */
  static async open(settings: ResultSettings, longestStatementMs: number): Promise<ResultFolder | undefined> {
    const { folder } = settings;
    if (folder === undefined) return undefined;
    if (folder === TEMPORARY) {
      const id = newId();
      return new ResultFolder(join(tmpdir(), `mooring-results-${id}`), id, settings, longestStatementMs);
    }
    const path = await madeFolder(folder);
    return new ResultFolder(path, await idOf(path), settings, longestStatementMs);
  }

  /** @throws ProblemError `results_unavailable` */
  async create(tenantId: string, name: string): Promise<NewResult> {
    const tenant = tenantFolder(tenantId);
    const path = join(this.path, tenant, name);
    try {
      if (this.isTemporary) await mkdir(this.path, { mode: 0o700 }).catch(unlessThere);
      await mkdir(join(this.path, tenant), { mode: 0o700 }).catch(unlessThere);
      const space = await this.spaces.enter(tenant);
      const onEnd = (): void => this.spaces.leave(tenant, space);
      const partPath = path + PART;
      try {
        return new NewResult({ handle: await open(partPath, 'wx', 0o600), partPath, path, space, onEnd });
      } catch (error) {
        onEnd();
        throw error;
      }
    } catch (error) {
      return unwritable(error);
    }
  }

  /** The file of a result that is whole; undefined when it is not there any more. */
  async find(tenantId: string, name: string, bytes: number): Promise<FileHandle | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(join(this.path, tenantFolder(tenantId), name), 'r');
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
    if ((await handle.stat()).size === bytes) return handle;
    await handle.close();
    return undefined;
  }

  /** One that is not there any more is removed. */
  async remove(tenantId: string, name: string): Promise<void> {
    await rm(join(this.path, tenantFolder(tenantId), name), { force: true });
  }

  /** Removes what is over its time, and what processes that died left half-written. */
  async sweep(now = Date.now()): Promise<void> {
    for (const tenant of await this.tenants()) {
      for (const { path, modifiedAt } of await this.filesOf(tenant)) {
        const keptMs = path.endsWith(PART) ? this.longestStatementMs + MARGIN_MS : KEPT_MS;
        if (now - modifiedAt > keptMs) await rm(path, { force: true });
      }
    }
  }

  /** A temporary folder ends with it. */
  async close(): Promise<void> {
    if (this.isTemporary) await rm(this.path, { recursive: true, force: true });
  }

  /** It is made for the first result, so that a process that is killed before leaves nothing. */
  private get isTemporary(): boolean {
    return this.settings.folder === TEMPORARY;
  }

  private async tenants(): Promise<readonly string[]> {
    const entries = await readdir(this.path, { withFileTypes: true }).catch((error: unknown) => {
      if (this.isTemporary && isGone(error)) return [];
      throw error;
    });
    return entries.filter((entry) => entry.isDirectory() && TENANT_NAME.test(entry.name)).map(({ name }) => name);
  }

  private async bytesOf(tenant: string): Promise<number> {
    return (await this.filesOf(tenant)).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private async filesOf(tenant: string): Promise<readonly ResultFile[]> {
    const files: ResultFile[] = [];
    for (const name of (await readdir(join(this.path, tenant))).filter((found) => FILE_NAME.test(found))) {
      const path = join(this.path, tenant, name);
      const found = await stat(path).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
      if (found !== undefined) files.push({ path, bytes: found.size, modifiedAt: found.mtimeMs });
    }
    return files;
  }
}

interface ResultFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: number;
}

/** Whatever a tenant is called, it is a folder's name, and no other tenant's. */
function tenantFolder(tenantId: string): string {
  return createHash('sha256').update(tenantId).digest('hex');
}

async function madeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
    return folder;
  } catch (cause) {
    const message =
      'MOORING_RESULTS_DIR, or MOORING_DATA_DIR without it, names a folder that this user can neither make nor write to: ' +
      'mend its rights, or name another';
    throw new Error(message, { cause });
  }
}

/** Of several processes that open a new folder at once, one gives it its id. */
async function idOf(folder: string): Promise<string> {
  const file = join(folder, ID_FILE);
  const own = `${file}-${randomBytes(6).toString('hex')}`;
  await writeFile(own, newId(), { mode: 0o600 });
  try {
    await link(own, file);
  } catch (error) {
    unlessThere(error);
  } finally {
    await rm(own, { force: true });
  }
  return readFile(file, 'utf8');
}

function unlessThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}

function newId(): string {
  return randomBytes(12).toString('hex');
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
