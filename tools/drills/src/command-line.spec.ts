import { expect, it } from '@jest/globals';
import { BACKENDS } from './backends.ts';
import { readCommand } from './command-line.ts';
import { DRILLS } from './drills.ts';
import { readSoakCommand } from './soak/soak-command-line.ts';

it('reads what to run, where and for how long', () => {
  expect(readCommand([])).toMatchObject({ drills: [], all: false, seconds: 5, json: false });
  expect(readCommand(['redis-kill', '--backend', 'redis,failover', '--seconds', '9', '--json'])).toEqual({
    drills: ['redis-kill'],
    all: false,
    backends: ['redis', 'failover'],
    seconds: 9,
    json: true,
  });
  expect(readCommand(['--all', '--help'])).toBe('help');
  expect(readSoakCommand(['--minutes', '2', '--backend', 'redis'])).toMatchObject({ minutes: 2, backend: 'redis' });
});

it.each([[['a', '--all']], [['a', '--seconds', '0']], [['a', '--backend', 'oracle']], [['--what']]])(
  'refuses %j',
  (args) => {
    expect(() => readCommand(args)).toThrow(/./);
  },
);

it('names every drill once, each on a backend that there is', () => {
  const names = DRILLS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const backend of BACKENDS) expect(DRILLS.some(({ backends }) => backends.includes(backend))).toBe(true);
});
