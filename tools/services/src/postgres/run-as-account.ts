import { isReachable } from '../process/unprivileged-account.ts';
import type { Account } from '../process/server-process.ts';
import { ServiceError } from '../errors.ts';
import type { Machine } from '../machine.ts';

export interface PreparedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly account: Account | undefined;
}

/** Turns a program and its arguments into what has to be run so that it runs as the right account. */
export type PrepareCommand = (command: string, args: readonly string[]) => PreparedCommand;

// A clone below a private folder such as /root is out of reach for the account that PostgreSQL runs as. The account
// then gets the right to pass through folders, and nothing else of root's. `no_setuid_fixup` makes access(2), with
// which initdb looks for `postgres`, agree.
function throughPrivateFolders(setpriv: string, account: Account): PrepareCommand {
  const capabilities = '+dac_override,+dac_read_search';
  const flags = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup',
    `--inh-caps=${capabilities}`,
    `--ambient-caps=${capabilities}`,
  ];
  return (command, args) => ({ command: setpriv, args: [...flags, command, ...args], account: undefined });
}

/**
 * How to run PostgreSQL's programs: directly as a normal user; as root, as an account without its rights.
 * @param paths every program and folder that the account must be able to reach
 */
export function prepareAccount(
  machine: Machine,
  account: Account | undefined,
  paths: readonly string[],
): PrepareCommand {
  const direct: PrepareCommand = (command, args) => ({ command, args, account });
  const outOfReach = account === undefined ? undefined : paths.find((path) => !isReachable(path, account));
  if (account === undefined || outOfReach === undefined) return direct;
  const setpriv = machine.findOnPath('setpriv');
  if (setpriv !== undefined) return throughPrivateFolders(setpriv, account);
  throw new ServiceError(
    'start_failed',
    `PostgreSQL does not run as root, and the user with id ${account.uid} can't reach ${outOfReach}. ` +
      'Remedy: install setpriv (package util-linux), run as a normal user, or clone into a folder that others may enter.',
  );
}
