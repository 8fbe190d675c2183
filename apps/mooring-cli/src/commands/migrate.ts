import type { Command } from 'commander';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import { action } from '../command.ts';
import type { CommandContext, ProgramContext } from '../command.ts';
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { catalogSchema, sessionsSchema, usersSchema } from '../schemas.ts';
import type { Schema } from '../schemas.ts';
import { AUTH_NAMESPACE, withStore } from '../stores.ts';
import { tableOf } from '../terminal/table.ts';

interface MigrateOptions {
  readonly dryRun?: boolean;
}

interface InspectedSchema extends SchemaVersion {
  readonly schema: Schema['name'];
}

export function migrateCommand(command: Command, context: ProgramContext): void {
  command.option('--dry-run', 'say what is behind, and change nothing');
  action<MigrateOptions>(command, context, migrate);
}

async function migrate({ env, output }: CommandContext, { dryRun = false }: MigrateOptions): Promise<void> {
  const config = readConfig(env);
  const warn = (message: string): void => output.warn(message);
  const behind: InspectedSchema[] = [];
  for (const schema of await schemasOf(config, warn)) {
    const { found, wanted } = await schema.inspect();
    if (found >= wanted) continue;
    if (!dryRun) await schema.migrate();
    behind.push({ schema: schema.name, found, wanted });
  }
  output.result({ dryRun, [dryRun ? 'behind' : 'migrated']: behind }, () => {
    if (behind.length === 0) return 'All schemas are up to date.\n';
    const rows = behind.map(({ schema, found, wanted }) => [schema, found, wanted]);
    return tableOf(['schema', dryRun ? 'version' : 'was at', dryRun ? 'wanted' : 'is at'], rows);
  });
}

/** Of all services that may use the places of this environment. */
async function schemasOf(config: Config, warn: (message: string) => void): Promise<readonly Schema[]> {
  const { store: settings } = config;
  const url = settings.database?.url;
  const sessions = await sessionsSchema(settings, warn);
  // Another store makes what it needs when it opens, or says what is to be made.
  if (sessions === undefined) await withStore({ settings, namespace: AUTH_NAMESPACE, warn }, async () => undefined);
  const catalog = url === undefined ? config.catalog : { url };
  return [
    ...(sessions === undefined ? [] : [sessions]),
    ...(url === undefined ? [] : [usersSchema(url)]),
    ...(catalog === undefined ? [] : [catalogSchema(catalog)]),
  ];
}
