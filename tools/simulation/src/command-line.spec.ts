import { expect, it } from '@jest/globals';
import { commandFor, planFrom, readCommand } from './command-line.ts';
import { planOf } from './kernel/plan.ts';
import { scenarioOf } from './scenarios.ts';

it('what is printed of a failing seed replays its plan', () => {
  const scenario = scenarioOf('pool');
  const plan = { ...planOf(scenario, 77), operations: 12, faults: new Set(['crash', 'late']) };
  const args = commandFor('pool', plan).split(' ').slice(4);
  const command = readCommand(args);
  expect(command).toMatchObject({ mode: 'seed', scenarios: [scenario] });
  expect(planFrom(scenario, command)).toEqual(plan);
  expect(planFrom(scenario, readCommand([...args.slice(0, -1), 'none'])).faults.size).toBe(0);
});

it('says what it does not understand', () => {
  expect(() => readCommand(['--seeds', 'many'])).toThrow('--seeds must be a whole number');
  expect(() => readCommand(['--world', 'nowhere'])).toThrow('there is no world "nowhere": pool, stores, failover');
  expect(() => readCommand(['--what'])).toThrow('--what');
  expect(() => readCommand(['--report'])).toThrow('--report is for --scale');
});
