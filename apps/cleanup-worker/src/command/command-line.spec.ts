import { describe, expect, it } from '@jest/globals';
import { readCommand } from './command-line.ts';

describe('the command line', () => {
  it.each([
    ['', { kind: 'serve' }],
    ['--help', { kind: 'help' }],
    ['--once', { kind: 'once', dryRun: false, tasks: [] }],
    ['--once --dry-run', { kind: 'once', dryRun: true, tasks: [] }],
    [
      '--once --task sweep-auth --task sweep-pool',
      { kind: 'once', dryRun: false, tasks: ['sweep-auth', 'sweep-pool'] },
    ],
  ])('%j is understood', (line, command) => {
    expect(readCommand(line.split(' ').filter(Boolean))).toEqual(command);
  });

  it.each(['--dry-run', '--task sweep-auth', '--onec', 'once', '--once --task'])('%j is wrong usage', (line) => {
    expect(readCommand(line.split(' '))).toEqual({ kind: 'wrong', fault: expect.any(String) });
  });
});
