import { describe, expect, it } from '@jest/globals';
import { chosenOf, readCommand } from './command-line.ts';

describe('readCommand', () => {
  it.each([
    [
      [],
      { benchmark: undefined, json: false, quick: false, runs: undefined, backends: undefined, sections: undefined },
    ],
    [
      ['session-reuse', '--json', '--runs', '7'],
      { benchmark: 'session-reuse', json: true, quick: false, runs: 7, backends: undefined, sections: undefined },
    ],
    [
      ['session-reuse', '--quick'],
      {
        benchmark: 'session-reuse',
        json: false,
        quick: true,
        runs: undefined,
        backends: undefined,
        sections: undefined,
      },
    ],
    [
      ['stores', '--backend', 'redis, sqlite', '--backend', 'memory'],
      {
        benchmark: 'stores',
        json: false,
        quick: false,
        runs: undefined,
        backends: ['redis', 'sqlite', 'memory'],
        sections: undefined,
      },
    ],
    [
      ['engine', '--section', 'tenants,streams'],
      {
        benchmark: 'engine',
        json: false,
        quick: false,
        runs: undefined,
        backends: undefined,
        sections: ['tenants', 'streams'],
      },
    ],
  ])('reads %j', (args, command) => {
    expect(readCommand(args)).toEqual(command);
  });

  it.each([[['--runs', '0']], [['--runs', 'x']], [['--jsn']], [['a', 'b']]])('refuses %j', (args) => {
    expect(() => readCommand(args)).toThrow();
  });
});

describe('chosenOf', () => {
  const known = ['memory', 'postgres', 'redis'];

  it('gives all without a choice, else those named, in the order of the benchmark', () => {
    expect(chosenOf('stores', 'backend', known, undefined)).toEqual(known);
    expect(chosenOf('stores', 'backend', known, ['redis', 'memory'])).toEqual(['memory', 'redis']);
    expect(chosenOf('session-reuse', 'section', undefined, undefined)).toEqual([]);
  });

  it('says which ones there are', () => {
    expect(() => chosenOf('stores', 'backend', known, ['redis', 'mongo'])).toThrow(
      'stores has no backend "mongo". There are: memory, postgres, redis',
    );
    expect(() => chosenOf('session-reuse', 'section', undefined, ['redis'])).toThrow('session-reuse has no sections');
  });
});
