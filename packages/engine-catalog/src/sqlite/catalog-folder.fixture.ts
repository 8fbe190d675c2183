import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteCatalog } from '../index.ts';
import type { DurableCatalog, SqliteCatalogOptions } from '../index.ts';

/** Folders of their own for the files of a spec, and what was opened in them. */
export class CatalogFolder {
  private readonly opened: DurableCatalog[] = [];
  private files = 0;

  private constructor(readonly path: string) {}

  static async make(): Promise<CatalogFolder> {
    return new CatalogFolder(await mkdtemp(join(tmpdir(), 'mooring-catalog-')));
  }

  newFile(): string {
    this.files += 1;
    return join(this.path, `catalog-${this.files}.db`);
  }

  async open(options: Partial<SqliteCatalogOptions> = {}): Promise<DurableCatalog> {
    const catalog = await createSqliteCatalog({ file: options.file ?? this.newFile(), ...options });
    this.opened.push(catalog);
    return catalog;
  }

  async remove(): Promise<void> {
    await Promise.all(this.opened.map((catalog) => catalog.close()));
    await rm(this.path, { recursive: true, force: true });
  }
}
