import { describe, expect, it } from '@jest/globals';
import { chooseBackends, readCommand } from './command-line.ts';

describe('readCommand', () => {
  it.each([
    [[], { benchmark: undefined, json: false, quick: false, runs: undefined, backends: undefined }],
    [
      ['session-reuse', '--json', '--runs', '7'],
      { benchmark: 'session-reuse', json: true, quick: false, runs: 7, backends: undefined },
    ],
    [
      ['session-reuse', '--quick'],
      { benchmark: 'session-reuse', json: false, quick: true, runs: undefined, backends: undefined },
    ],
    [
      ['stores', '--backend', 'redis, sqlite', '--backend', 'memory'],
      { benchmark: 'stores', json: false, quick: false, runs: undefined, backends: ['redis', 'sqlite', 'memory'] },
    ],
  ])('reads %j', (args, command) => {
    expect(readCommand(args)).toEqual(command);
  });

  it.each([[['--runs', '0']], [['--runs', 'x']], [['--jsn']], [['a', 'b']]])('refuses %j', (args) => {
    expect(() => readCommand(args)).toThrow();
  });
});

describe('chooseBackends', () => {
  const known = ['memory', 'postgres', 'redis'];

  it('gives all without a choice, else those named, in the order of the benchmark', () => {
    expect(chooseBackends('stores', known, undefined)).toEqual(known);
    expect(chooseBackends('stores', known, ['redis', 'memory'])).toEqual(['memory', 'redis']);
    expect(chooseBackends('session-reuse', undefined, undefined)).toEqual([]);
  });

  it('says which ones there are', () => {
    expect(() => chooseBackends('stores', known, ['redis', 'mongo'])).toThrow(
      'stores has no backend "mongo". There are: memory, postgres, redis',
    );
    expect(() => chooseBackends('session-reuse', undefined, ['redis'])).toThrow('session-reuse has no backends');
  });
});
