import type { Command } from 'commander';
import { inspectStore } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import { action } from '../command.ts';
import type { CommandContext, ProgramContext } from '../command.ts';
import { readConfig } from '../config.ts';
import { AUTH_NAMESPACE, withStore } from '../stores.ts';

interface MigrateOptions {
  readonly dryRun?: boolean;
}

export function migrateCommand(program: Command, context: ProgramContext): void {
  const command = program
    .command('migrate')
    .description('brings the schema of the store up to date, as each service does at its start')
    .option('--dry-run', 'say what is missing, and change nothing');
  action<MigrateOptions>(command, context, migrate);
}

async function migrate({ env, output }: CommandContext, { dryRun = false }: MigrateOptions): Promise<void> {
  const { store } = readConfig(env);
  const { choice, database } = await inspectStore(store);
  if (database instanceof StoreError) throw database;
  const missing = database?.migrations.missing ?? [];
  // A store without migrations of its own makes what it needs when it opens.
  if (!dryRun && (database === undefined || missing.length > 0)) {
    const warn = (message: string): void => output.warn(message);
    await withStore({ settings: store, namespace: AUTH_NAMESPACE, migrate: true, warn }, async () => undefined);
  }
  const applied = dryRun ? [] : missing;
  output.result({ store: choice, dryRun, applied, missing: dryRun ? missing : [] }, () => {
    if (missing.length === 0) return 'The schema is up to date.\n';
    return `${dryRun ? 'Missing' : 'Applied'}:\n${missing.map((name) => `  ${name}\n`).join('')}`;
  });
}
