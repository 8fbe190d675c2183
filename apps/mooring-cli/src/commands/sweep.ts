import type { Command } from 'commander';
import { readSweepSettings } from '@mooring/cleanup-worker/configuration';
import { SessionSweeper } from '@mooring/session-sweeper';
import type { SweepReport, TargetReport } from '@mooring/session-sweeper';
import { action, repeated } from '../command.ts';
import type { CommandContext, ProgramContext } from '../command.ts';
import { readConfig } from '../config.ts';
import { EXIT } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { withStore } from '../stores.ts';
import { tableOf } from '../terminal/table.ts';

interface SweepOptions {
  readonly namespace?: readonly string[];
  readonly dryRun?: boolean;
}

interface NamespaceSweep extends SweepReport {
  readonly namespace: string;
}

const FAILED: ReadonlySet<TargetReport['ended']> = new Set(['failed', 'lease_lost', 'aborted']);

export function sweepCommand(command: Command, context: ProgramContext): void {
  command
    .option('--namespace <name>', 'only this namespace; may be given several times', repeated)
    .option('--dry-run', 'count, and delete nothing');
  action<SweepOptions>(command, context, sweep);
}

async function sweep({ env, clock, signal, output }: CommandContext, options: SweepOptions): Promise<ExitCode> {
  const config = readConfig(env);
  const settings = readSweepSettings(env);
  const { namespace: namespaces = settings.namespaces, dryRun = false } = options;
  const warn = (message: string): void => output.warn(message);
  const sweeps: NamespaceSweep[] = [];
  for (const namespace of namespaces) {
    const report = await withStore({ settings: config.store, namespace, warn }, ({ backend: store }) =>
      new SessionSweeper({ store, options: settings.options, clock }).run({
        dryRun,
        signal,
        onProgress: ({ target, deleted }) => output.progress(`${namespace} … ${target}, ${deleted} deleted`),
      }),
    );
    sweeps.push({ namespace, ...report });
  }
  const deleted = sweeps.reduce((sum, report) => sum + report.deleted, 0);
  output.result({ dryRun, deleted, sweeps: sweeps.map(shownSweep) }, () => shownSweeps(sweeps, dryRun));
  const ends = sweeps.flatMap(({ targets }) => targets);
  for (const { failure } of ends) if (failure !== undefined) output.note(failure.message);
  return ends.some(({ ended }) => FAILED.has(ended)) ? EXIT.failed : EXIT.done;
}

function shownSweep({ namespace, deleted, durationMs, targets }: NamespaceSweep) {
  return { namespace, deleted, durationMs, targets };
}

function shownSweeps(sweeps: readonly NamespaceSweep[], dryRun: boolean): string {
  const rows = sweeps.flatMap(({ namespace, targets }) =>
    targets
      .filter(isWorthALine)
      .map(({ target, ended, deleted }) => [namespace, target, deleted, ended.replaceAll('_', ' ')]),
  );
  if (rows.length === 0) return 'Nothing was due.\n';
  return tableOf(['namespace', 'what', dryRun ? 'to delete' : 'deleted', 'ended'], rows);
}

function isWorthALine({ deleted, ended }: TargetReport): boolean {
  return deleted > 0 || (ended !== 'drained' && ended !== 'counted');
}
