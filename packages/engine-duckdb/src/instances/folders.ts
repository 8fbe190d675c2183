import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { EngineError } from '@mooring/engine';
import type { StorageRecord } from '@mooring/engine';
import { unwritable } from '../errors.ts';

const LONGEST_PLAIN = 120;
/** Not a possible name of a namespace, so that `catalog.table` and `namespace.table` can't be taken for one another. */
const DATABASE_FILE = 'tenant-data.duckdb';

export const CATALOG = 'tenant-data';

/** A name as that of a folder: other names give other folders, on file systems that fold case too. */
export function folderName(name: string): string {
  if (name === '' || /\p{Cs}/u.test(name)) {
    throw new EngineError({ code: 'invalid_name', message: 'A tenant and a storage need a name of whole characters.' });
  }
  const plain = Array.from(Buffer.from(name), (byte) =>
    /[a-z0-9_-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `=${byte.toString(16).padStart(2, '0')}`,
  ).join('');
  return plain.length <= LONGEST_PLAIN ? plain : `~${createHash('sha256').update(name).digest('hex')}`;
}

export function placeName({ tenantId, name }: StorageRecord): string {
  return `storage ${name} of tenant ${tenantId}`;
}

/** Where the files of a storage's database are, and nothing else. */
export function storageFolder(dataFolder: string, { tenantId, name }: StorageRecord): string {
  return join(dataFolder, folderName(tenantId), folderName(name));
}

/** Whether there is a database of the storage. */
export function hasDatabase(dataFolder: string, storage: StorageRecord): Promise<boolean> {
  return access(join(storageFolder(dataFolder, storage), DATABASE_FILE)).then(
    () => true,
    () => false,
  );
}

/** Deletes the database of a storage, with its log and what it spilled. @throws EngineError */
export async function deleteDatabase(dataFolder: string, storage: StorageRecord): Promise<void> {
  try {
    await rm(storageFolder(dataFolder, storage), { recursive: true, force: true });
  } catch {
    throw unwritable(placeName(storage));
  }
}

/** Makes the folder of a storage's database, and says where its files are. */
export async function databaseFiles(
  dataFolder: string,
  storage: StorageRecord,
): Promise<{ readonly file: string; readonly spillFolder: string }> {
  const folder = storageFolder(dataFolder, storage);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw unwritable(placeName(storage));
  }
  return { file: join(folder, DATABASE_FILE), spillFolder: join(folder, 'spill') };
}

/** The folder that a Parquet storage names with FOLDER, which must lie within its tenant's. */
export async function parquetFolder(root: string | undefined, storage: StorageRecord): Promise<string> {
  const { folder, ...others } = storage.options;
  if (root === undefined)
    throw invalidStorage(storage, 'this engine has no folder for Parquet storages; its operator gives it one');
  if (folder === undefined || !/^[A-Za-z0-9_][\w.=-]*(?:\/[A-Za-z0-9_][\w.=-]*)*$/.test(folder)) {
    throw invalidStorage(storage, "it needs FOLDER 'name', below the tenant's folder, of letters, digits and _ . = -");
  }
  if (Object.keys(others).length > 0) throw invalidStorage(storage, 'it has no other option than FOLDER');
  const tenantFolder = join(root, folderName(storage.tenantId));
  try {
    const [outer, inner] = await Promise.all([realpath(tenantFolder), realpath(join(tenantFolder, folder))]);
    if (inner.startsWith(`${outer}${sep}`) && (await stat(inner)).isDirectory()) return inner;
  } catch {
    throw invalidStorage(storage, `there is no folder ${folder} for it`);
  }
  throw invalidStorage(storage, `${folder} is no folder within the tenant's`);
}

export interface ParquetTable {
  readonly name: string;
  /** A path, or a pattern of paths. */
  readonly files: string;
}

/** A file `x.parquet` is the table `x`; a folder `x` with such files in it, at any depth, is the table `x` too. */
export async function parquetTables(folder: string): Promise<readonly ParquetTable[]> {
  const tables: ParquetTable[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.parquet')) {
      tables.push({ name: entry.name.slice(0, -'.parquet'.length), files: join(folder, entry.name) });
    } else if (entry.isDirectory()) {
      const inside = await readdir(join(folder, entry.name), { recursive: true });
      if (inside.some((name) => name.endsWith('.parquet'))) {
        tables.push({ name: entry.name, files: join(folder, entry.name, '**', '*.parquet') });
      }
    }
  }
  return tables;
}

export function invalidStorage({ name }: StorageRecord, reason: string): EngineError {
  return new EngineError({ code: 'invalid_storage', message: `The storage ${name} can't be used: ${reason}.` });
}
