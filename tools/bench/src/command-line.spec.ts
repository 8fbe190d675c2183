import { describe, expect, it } from '@jest/globals';
import { chosenOf, readCommand } from './command-line.ts';

const NOTHING = {
  benchmark: undefined,
  all: false,
  documents: false,
  json: false,
  quick: false,
  report: undefined,
  runs: undefined,
  backends: undefined,
  sections: undefined,
};

describe('readCommand', () => {
  it.each([
    [[], {}],
    [['session-reuse', '--json', '--runs', '7'], { benchmark: 'session-reuse', json: true, runs: 7 }],
    [['session-reuse', '--quick'], { benchmark: 'session-reuse', quick: true }],
    [
      ['stores', '--backend', 'redis, sqlite', '--backend', 'memory'],
      { benchmark: 'stores', backends: ['redis', 'sqlite', 'memory'] },
    ],
    [['engine', '--section', 'tenants,streams'], { benchmark: 'engine', sections: ['tenants', 'streams'] }],
    [['auth', '--report'], { benchmark: 'auth', report: 'docs/reports' }],
    [['auth', '--quick', '--into', 'here'], { benchmark: 'auth', quick: true, report: 'here' }],
    [['--all', '--report'], { all: true, report: 'docs/reports' }],
    [['--documents'], { documents: true }],
  ])('reads %j', (args, command) => {
    expect(readCommand(args)).toEqual({ ...NOTHING, ...command });
  });

  it('keeps figures of --quick out of what is checked in', () => {
    expect(() => readCommand(['auth', '--quick', '--report'])).toThrow('--into');
  });

  it.each([[['--runs', '0']], [['--runs', 'x']], [['--jsn']], [['a', 'b']], [['a', '--all']]])('refuses %j', (args) => {
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
