import { parseArgs } from 'node:util';

export const USAGE = `Usage: cleanup-worker [--once [--dry-run] [--task <name>]…]

Without options it serves: tasks run on their schedules until it is told to stop.

  --once         run each task once, then exit: 0 when all went well, 1 when something failed
  --dry-run      with --once: count what would go, and delete nothing
  --task <name>  with --once: only this task, such as sweep-auth; may be given several times
  --help         print this

The configuration is in the environment. Wrong usage exits with 2.
`;

export type Command =
  | { readonly kind: 'serve' | 'help' }
  | { readonly kind: 'once'; readonly dryRun: boolean; readonly tasks: readonly string[] }
  | { readonly kind: 'wrong'; readonly fault: string };

export function readCommand(args: readonly string[]): Command {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        task: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return { kind: 'wrong', fault: error instanceof Error ? error.message : 'the options can not be read' };
  }
  const { once, 'dry-run': dryRun, task: tasks, help } = values;
  if (help) return { kind: 'help' };
  if (once) return { kind: 'once', dryRun, tasks };
  if (dryRun) return { kind: 'wrong', fault: '--dry-run needs --once' };
  return tasks.length > 0 ? { kind: 'wrong', fault: '--task needs --once' } : { kind: 'serve' };
}
