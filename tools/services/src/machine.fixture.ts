import type { CommandResult, Machine } from './machine.ts';

/** A machine with nothing on it, except what a spec puts there. Records what was run. */
export function bareMachine(parts: Partial<Machine> = {}): Machine & { readonly ran: string[] } {
  const ran: string[] = [];
  return {
    platform: 'linux',
    arch: 'x64',
    isRoot: false,
    findOnPath: () => undefined,
    listFolder: () => [],
    isExecutable: () => false,
    findModule: () => undefined,
    ...parts,
    ran,
    run: (command, args, timeoutMs, account): Promise<CommandResult> => {
      ran.push([command, ...args].join(' '));
      return parts.run?.(command, args, timeoutMs, account) ?? Promise.resolve({ code: 0, output: '' });
    },
  };
}

/** Finds the given commands in `/usr/bin`. */
export function onPath(...commands: string[]): Machine['findOnPath'] {
  return (command) => (commands.includes(command) ? `/usr/bin/${command}` : undefined);
}
