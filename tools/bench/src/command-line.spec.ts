import { describe, expect, it } from '@jest/globals';
import { readCommand } from './command-line.ts';

describe('readCommand', () => {
  it.each([
    [[], { benchmark: undefined, json: false, quick: false, runs: 5 }],
    [['session-reuse', '--json', '--runs', '7'], { benchmark: 'session-reuse', json: true, quick: false, runs: 7 }],
    [['session-reuse', '--quick'], { benchmark: 'session-reuse', json: false, quick: true, runs: 1 }],
  ])('reads %j', (args, command) => {
    expect(readCommand(args)).toEqual(command);
  });

  it.each([[['--runs', '0']], [['--runs', 'x']], [['--jsn']], [['a', 'b']]])('refuses %j', (args) => {
    expect(() => readCommand(args)).toThrow();
  });
});
