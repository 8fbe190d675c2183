import type { TableRecord } from '../catalog/records.ts';
import { EngineError } from '../errors.ts';
import type { StatementRun } from '../executor/statement-handler.ts';
import { forbidden, mayUse } from './privileges.ts';

const MOST_TABLES = 256;

/**
 * A view gives nobody more than what it reads does: who reads it must be allowed to read that, down to the tables.
 *
 * @throws EngineError `forbidden`, `not_found`
 */
export async function assertViewReadable(run: StatementRun, view: TableRecord): Promise<void> {
  const seen = new Set<string>();
  for (let views = [view]; views.length > 0;) {
    const next: TableRecord[] = [];
    for (const { reads, ...outer } of views) {
      for (const read of reads) {
        const name = `${read.namespace}.${read.name}`;
        if (seen.has(name)) continue;
        seen.add(name);
        if (seen.size > MOST_TABLES) {
          const message = `the view ${view.namespace}.${view.name} reads more than ${MOST_TABLES} tables and views`;
          throw new EngineError({ code: 'invalid_argument', message });
        }
        const table = await run.engine.catalog.findTable(view.tenantId, read.namespace, read.name);
        const message = `the view ${outer.namespace}.${outer.name} reads ${name}`;
        if (table === undefined) {
          throw new EngineError({ code: 'not_found', message: `${message}, which is not there` });
        }
        if (!mayUse(run.principal, table, 'select')) throw forbidden(`${message}: select of that is not granted`);
        if (table.isView) next.push(table);
      }
    }
    views = next;
  }
}
