import { createPostgresCatalog, createSqliteCatalog } from '@mooring/engine-catalog';
import type { DurableCatalog } from '@mooring/engine-catalog';

/** Where the query API keeps its catalog and audit log. */
export type AuditPlace = { readonly url: string } | { readonly file: string };

/** @throws EngineError */
export function openAuditCatalog(place: AuditPlace): Promise<DurableCatalog> {
  return 'url' in place ? createPostgresCatalog({ url: place.url, poolSize: 1 }) : createSqliteCatalog(place);
}
