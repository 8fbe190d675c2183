import type { Command } from 'commander';
import type { OpenedStore } from '@mooring/nest-session-store';
import { action, wholeNumber } from '../command.ts';
import type { CommandContext, ProgramContext } from '../command.ts';
import { readConfig } from '../config.ts';
import { EXIT, wrongUsage } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { listSessions, shownSession } from '../sessions/listed-session.ts';
import { revokeSessions } from '../sessions/revocation.ts';
import type { Revocation } from '../sessions/revocation.ts';
import { AUTH_NAMESPACE, withStore } from '../stores.ts';
import { tableOf } from '../terminal/table.ts';

interface Selection {
  readonly namespace: string;
  readonly tenant: string;
  readonly user?: string;
}

interface ListOptions extends Selection {
  readonly limit: number;
}

interface RevokeOptions extends Selection {
  readonly allOfTenant?: boolean;
  readonly reason: string;
  readonly dryRun?: boolean;
}

const LONGEST_LIST = 100_000;

/** As stores take them. */
const SESSION_ID = /^[\w-]{16,128}$/;

export function sessionsCommands(group: Command, context: ProgramContext): void {
  const selecting = (command: Command): Command =>
    command
      .requiredOption('--tenant <id>', 'the tenant')
      .option('--user <id>', 'the id of one user')
      .option('--namespace <name>', 'the namespace of the store', AUTH_NAMESPACE);
  const list = selecting(group.command('list').description('live sessions of a tenant, or of one user of it'));
  list.option('--limit <count>', 'the most sessions to show', wholeNumber(1, LONGEST_LIST), 100);
  action<ListOptions>(list, context, showSessions);
  const revoke = selecting(
    group.command('revoke').description('ends sessions: named ones, those of a user, or of a tenant'),
  );
  revoke
    .argument('[ids...]', 'ids as `sessions list` shows them')
    .option('--all-of-tenant', 'all sessions of the tenant')
    .option('--reason <text>', 'noted with each', 'revoked by an operator')
    .option('--dry-run', 'count, and end nothing');
  action<RevokeOptions>(revoke, context, endSessions);
}

async function showSessions(context: CommandContext, options: ListOptions): Promise<void> {
  const { limit, tenant: tenantId, user: subjectId } = options;
  const { sessions, more } = await inNamespace(context, options, ({ backend }) =>
    listSessions(backend.sessions, { tenantId, ...(subjectId === undefined ? {} : { subjectId }) }, limit),
  );
  const shown = sessions.map(shownSession);
  context.output.result({ sessions: shown, more }, () =>
    tableOf(
      ['id', 'user', 'created', 'last seen', 'ends at the latest'],
      shown.map(({ id, userId, createdAt, lastSeenAt, endsAt }) => [id, userId, createdAt, lastSeenAt, endsAt]),
    ),
  );
  if (shown.length === 0) context.output.note(noneOf(options));
  if (more) context.output.note(`There are more: --limit ${limit * 10} shows more of them.`);
}

async function endSessions(context: CommandContext, options: RevokeOptions, ids: string[]): Promise<ExitCode> {
  const { tenant: tenantId, user: subjectId, allOfTenant = false, reason, dryRun = false } = options;
  const ways = [ids.length > 0, subjectId !== undefined, allOfTenant].filter(Boolean);
  if (ways.length !== 1) throw wrongUsage('Give ids, or --user, or --all-of-tenant: exactly one of them.');
  // A token, such as one that was taken for an id, is not shown again.
  const strange = ids.findIndex((id) => !SESSION_ID.test(id)) + 1;
  if (strange > 0) throw wrongUsage(`Number ${strange} of the ids is not the id of a session.`, WHERE_IDS_ARE);
  const what: Revocation = { tenantId, subjectId, ids, reason, dryRun, signal: context.signal };
  const report = await inNamespace(context, options, ({ backend }) =>
    revokeSessions(backend.sessions, what, (revoked) => context.output.progress(`${revoked} ended …`)),
  );
  context.output.result({ tenantId, dryRun, ...report }, () => {
    const count = `${report.revoked} session${report.revoked === 1 ? '' : 's'}`;
    return dryRun ? `${count} would be ended.\n` : `Ended ${count}.\n`;
  });
  if (report.revoked === 0 && ids.length === 0) context.output.note(noneOf(options));
  if (report.notFound.length > 0) context.output.note(`Not found: ${report.notFound.join(', ')}`);
  if (report.aborted) context.output.note('It was stopped before the end.');
  return report.aborted || report.notFound.length > 0 ? EXIT.failed : EXIT.done;
}

const WHERE_IDS_ARE = 'npx mooring sessions list shows the ids; a token is not one';

/** What an operator who mistyped a name should learn. */
function noneOf({ tenant, user, namespace }: Selection): string {
  const none = `There is no live session of the tenant ${tenant} in the namespace ${namespace}`;
  if (user === undefined) return `${none}.`;
  return `${none} with this user. --user takes the id of a user, as npx mooring users list shows it, not the name.`;
}

function inNamespace<T>(
  { env, output }: CommandContext,
  { namespace }: Selection,
  work: (store: OpenedStore) => Promise<T>,
): Promise<T> {
  const warn = (message: string): void => output.warn(message);
  return withStore({ settings: readConfig(env).store, namespace, warn }, work);
}
