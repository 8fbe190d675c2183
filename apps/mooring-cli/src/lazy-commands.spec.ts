import { expect, it, jest } from '@jest/globals';
import { runLine } from './run.fixture.ts';

const loaded: string[] = [];
for (const name of ['doctor', 'migrate', 'pool', 'query', 'sessions', 'sweep', 'users']) {
  jest.unstable_mockModule(`./commands/${name}.ts`, () => {
    loaded.push(name);
    const setUp = (): void => undefined;
    return { [`${name}Command`]: setUp, [`${name}Commands`]: setUp };
  });
}
jest.unstable_mockModule('./failure.ts', () => {
  loaded.push('failures');
  return {};
});

it('loads the command that is asked for, and none for its help', async () => {
  const { output } = await runLine('--help');
  expect(output).toMatch(/doctor .*migrate .*sessions .*pool .*sweep .*users .*query /s);
  expect(loaded).toEqual([]);
  await runLine('help pool');
  expect(loaded).toEqual(['pool']);
});
