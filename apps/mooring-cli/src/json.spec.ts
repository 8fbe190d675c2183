import { expect, it } from '@jest/globals';
import { runLine } from './run.fixture.ts';

/** Commands that do something, by their words, as the help has them. */
async function commandsBelow(words: string): Promise<string[]> {
  const { output } = await runLine(`${words} --help`);
  const listed = output.split('Commands:\n')[1];
  if (listed === undefined) return [words];
  const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  const commands: string[] = [];
  for (const name of names) commands.push(...(await commandsBelow(`${words} ${name}`.trim())));
  return commands;
}

it.each([
  ['nope', "Unknown command 'nope'.", 'npx mooring --help'],
  ['sessions nope', "Unknown command 'nope'.", 'npx mooring sessions --help'],
  ['sessions list', "Required option '--tenant <id>' not specified.", 'npx mooring sessions list --help'],
  ['users role ann', "Missing required argument 'role'.", 'npx mooring users role --help'],
  ['query --max-rows 0', "'--max-rows <count>' argument '0' is invalid.", 'npx mooring query --help'],
])('%s is wrong, and it says where to look', async (line, problem, help) => {
  const { code, errors } = await runLine(line);
  expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining(problem) });
  expect(errors).toContain(`Remedy: ${help} lists what there is.`);
});

it('every command prints one JSON document when it is asked to, of a failure too', async () => {
  const commands = await commandsBelow('');
  expect(commands).toEqual(
    expect.arrayContaining(['doctor', 'migrate', 'sessions list', 'pool drain', 'query', 'sweep']),
  );
  for (const command of commands) {
    const { output } = await runLine(`${command} --help`);
    expect(`${command}: ${output}`).toContain('--json');
    const failed = await runLine(`${command} --no-such-option --json`);
    expect(failed).toMatchObject({ code: 2, json: { error: { message: expect.any(String) } } });
  }
});
