import type { Command } from 'commander';
import type { PoolDrain } from '@mooring/redshift-sessions';
import type { PoolSlot } from '@mooring/session-store';
import { action } from '../command.ts';
import type { CommandContext, ProgramContext } from '../command.ts';
import { readConfig } from '../config.ts';
import { EXIT } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { tableOf } from '../terminal/table.ts';
import { withPool } from '../warehouse.ts';

interface ListOptions {
  readonly tenant?: string;
}

interface DrainOptions {
  readonly dryRun?: boolean;
}

export function poolCommands(group: Command, context: ProgramContext): void {
  const list = group.command('list').description('sessions of the warehouse of this environment');
  list.option('--tenant <id>', 'only of this tenant');
  action<ListOptions>(list, context, listPool);
  const drain = group.command('drain').description('closes the sessions that nobody holds');
  drain.option('--dry-run', 'count, and close nothing');
  action<DrainOptions>(drain, context, drainPool);
}

async function listPool(context: CommandContext, { tenant }: ListOptions): Promise<void> {
  const slots = await inPool(context, async (pool) => {
    const found: PoolSlot[] = [];
    for await (const slot of pool.slots(tenant)) found.push(slot);
    return found;
  });
  const shown = slots.map(shownSlot);
  context.output.result({ sessions: shown }, () =>
    tableOf(
      ['session', 'tenant', 'state', 'changed', 'opened', 'counts until'],
      shown.map((slot) => [
        slot.sessionId,
        slot.tenantId,
        slot.state,
        slot.dirty ? 'yes' : 'no',
        slot.openedAt,
        slot.countsUntil,
      ]),
    ),
  );
}

async function drainPool(context: CommandContext, { dryRun = false }: DrainOptions): Promise<ExitCode> {
  const { output, signal } = context;
  const onProgress = ({ closed }: { readonly closed: number }): void => output.progress(`${closed} closed …`);
  const drained = await inPool(context, (pool) => pool.run({ dryRun, signal, onProgress }));
  const { closed, refused, inUse } = drained;
  output.result({ dryRun, ...drained, aborted: signal.aborted }, () => {
    const what = `${closed} session${closed === 1 ? '' : 's'}`;
    return `${dryRun ? `${what} would be closed` : `Closed ${what}`}; ${inUse} in use.\n`;
  });
  if (refused > 0) output.note(`The warehouse refused to close ${refused}; they end with their keep-alive.`);
  if (signal.aborted) output.note('It was stopped before the end.');
  return refused > 0 || signal.aborted ? EXIT.failed : EXIT.done;
}

function inPool<T>({ env, clock, output }: CommandContext, work: (pool: PoolDrain) => Promise<T>): Promise<T> {
  return withPool({ config: readConfig(env), clock, warn: (message) => output.warn(message) }, work);
}

function shownSlot({ key, sessionId, state, dirty, holder, openedAt, aliveUntil }: PoolSlot) {
  return {
    sessionId,
    tenantId: key.tenantId,
    state,
    dirty,
    holder,
    openedAt: openedAt === null ? null : new Date(openedAt).toISOString(),
    countsUntil: new Date(aliveUntil).toISOString(),
  };
}
