import type { HandlerRegistry } from '../executor/statement-handler.ts';
import { alterTable } from './alter-table.ts';
import { createTable } from './create-table.ts';
import { createView } from './create-view.ts';
import { dataStatements } from './data-statements.ts';
import { dropTables } from './drop-tables.ts';
import { killQuery } from './kill-query.ts';
import { alterNamespace, createNamespace, dropNamespace } from './namespaces.ts';
import { settings, transactionStatements, useNamespace } from './session-statements.ts';
import { describeTable, showCatalog, showTables } from './show.ts';
import { alterStorage, createStorage, dropStorage } from './storages.ts';
import { grants, tableAccess } from './table-rights.ts';
import { alterUser, createUser, dropUser } from './users.ts';

/** All kinds but EXECUTE AS USER, which the runner unwraps, and KILL JOB, which needs jobs. */
export function registerHandlers(registry: HandlerRegistry): void {
  registry
    .register(dataStatements)
    .register(createTable)
    .register(createView)
    .register(alterTable)
    .register(dropTables)
    .register(tableAccess)
    .register(grants)
    .register(createNamespace)
    .register(alterNamespace)
    .register(dropNamespace)
    .register(createStorage)
    .register(alterStorage)
    .register(dropStorage)
    .register(createUser)
    .register(alterUser)
    .register(dropUser)
    .register(showCatalog)
    .register(showTables)
    .register(describeTable)
    .register(useNamespace)
    .register(settings)
    .register(transactionStatements)
    .register(killQuery);
}
