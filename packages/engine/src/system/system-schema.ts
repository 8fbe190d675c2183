import { EngineError } from '../errors.ts';
import { shown } from '../catalog/names.ts';
import { auditLogTable, jobsTable, queriesTable, sessionsTable, warehouseSessionsTable } from './activity-tables.ts';
import { columnsTable, namespacesTable, storagesTable, tablesTable, usersTable } from './catalog-tables.ts';
import { settingsTable, statsTable } from './process-tables.ts';
import type { SystemSources } from './system-sources.ts';
import type { SystemTable } from './system-table.ts';

/** The twelve tables of the `system` schema. */
export class SystemSchema {
  readonly tables: readonly SystemTable[];

  constructor(sources: SystemSources) {
    this.tables = [
      usersTable,
      namespacesTable,
      storagesTable,
      tablesTable,
      columnsTable,
      sessionsTable(sources),
      warehouseSessionsTable(sources),
      queriesTable,
      jobsTable(sources),
      auditLogTable,
      settingsTable,
      statsTable,
    ];
  }

  /** @throws EngineError `not_found` */
  get(name: string): SystemTable {
    const found = this.tables.find((table) => table.name === name);
    if (found !== undefined) return found;
    throw new EngineError({ code: 'not_found', message: `there is no table system.${shown(name)}` });
  }
}
