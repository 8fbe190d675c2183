import { statSync } from 'node:fs';
import { StoreError } from '@mooring/session-store';
import { Connection, query } from './file/connection.ts';
import { BACKEND, translate } from './errors.ts';
import { unlocked } from './file/lock-wait.ts';
import { preparedFile } from './file/private-file.ts';
import { misconfigured } from './options.ts';
import type { SqliteStoreSettings } from './options.ts';

const WAL_MODE = query<{ journal_mode: string }>('pragma journal_mode = wal');

/** The open file. */
export class StoreFile {
  private readonly inode: bigint;

  constructor(
    private readonly path: string,
    readonly connection: Connection,
  ) {
    this.inode = statSync(path, { bigint: true }).ino;
  }

  /** Throws when the file was deleted or another one put at its place while it was open. */
  requireSame(operation: string): void {
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (inode === this.inode) return;
    throw new StoreError({
      code: 'unavailable',
      message: 'the file was deleted or replaced while it was open; restart the processes that use it',
      backend: BACKEND,
      operation,
      retryable: false,
    });
  }
}

/** Opens the file, creating it when it is missing, for several processes at once. Rejects with a `StoreError`. */
export async function openStoreFile(settings: SqliteStoreSettings): Promise<StoreFile> {
  let connection: Connection | undefined;
  try {
    const file = preparedFile(settings.file);
    const opened = (connection = new Connection(file));
    await unlocked(settings.busyTimeoutMs, () => inWalMode(opened, settings));
    return new StoreFile(file, opened);
  } catch (cause) {
    connection?.close();
    throw translate('create', cause);
  }
}

/** In the order that SQLite needs: `auto_vacuum` counts only before anything is written. */
function inWalMode(connection: Connection, { synchronous }: SqliteStoreSettings): void {
  connection.exec(`
    pragma auto_vacuum = incremental;
    pragma trusted_schema = off;
    pragma cell_size_check = on;
    pragma temp_store = memory;
    pragma cache_size = -16384;
    pragma synchronous = ${synchronous};
    pragma journal_size_limit = 16777216;
  `);
  if (connection.one(WAL_MODE)?.journal_mode !== 'wal') {
    throw misconfigured('the file can not be put into WAL mode on this disk');
  }
  connection.exec('pragma secure_delete = fast');
}
