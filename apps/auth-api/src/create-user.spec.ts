import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandError, createUser } from './create-user.ts';
import { startUsers } from './users/users.fixture.ts';
import type { TestUsers } from './users/users.fixture.ts';

const PASSWORD = 'anchors aweigh, my boys';
const CHEAP = { MOORING_PASSWORD_MEMORY_KIB: '64', MOORING_PASSWORD_PASSES: '1' };
const PATIENT = { MOORING_STORE_TIMEOUT_SECONDS: '120' };

let server: TestUsers;
beforeAll(async () => {
  server = await startUsers();
});
afterAll(() => server.stop());

async function run(args: string[], typed: readonly string[], isTTY = false): Promise<string> {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    // A person types when asked.
    if (isTTY && shown.endsWith(': ')) input.write(`${lines.shift() ?? ''}\r`);
  });
  const lines = [...typed];
  if (!isTTY) input.end(lines.join('\n'));
  await createUser(args, { input, output }, { DATABASE_URL: server.url, ...CHEAP, ...PATIENT });
  return shown;
}

const argumentsFor = (username: string, ...more: string[]): string[] => [
  ...['--username', username, '--tenant', 'acme'],
  ...more,
];

describe('create-user', () => {
  it('takes the password from the input', async () => {
    const said = await run(argumentsFor('Ann', '--role', 'system'), [PASSWORD, 'more']);
    const user = await server.users.findByName('ann');
    expect(user).toMatchObject({ username: 'Ann', tenantId: 'acme', role: 'system' });
    expect(said).toBe(`Created the user Ann of acme with the role system: ${user?.id}\n`);
    expect(await server.passwords.verify(user?.passwordHash ?? '', PASSWORD)).toMatchObject({ matches: true });
  });

  it('asks a person for it, twice, and does not show it', async () => {
    const said = await run(argumentsFor('bob'), [PASSWORD, PASSWORD], true);
    expect(said).toMatch(/^Password: \nAgain: \nCreated the user bob of acme with the role user/);
    expect(said).not.toContain(PASSWORD);
    await expect(run(argumentsFor('cy'), [PASSWORD, 'another'], true)).rejects.toThrow('not the same');
    await expect(run(argumentsFor('cy'), ['\u0004'], true)).rejects.toThrow('No password was given');
    await expect(run(argumentsFor('cy'), ['\u0003'], true)).rejects.toThrow('No password was given');
    expect(await server.users.findByName('cy')).toBeUndefined();
  });

  it.each([
    ['no name', ['--tenant', 'acme'], '--username must be'],
    ['no tenant', ['--username', 'dan'], '--tenant must be'],
    ['a role that there is not', argumentsFor('dan', '--role', 'admin'), '--role must be one of'],
    ['a password as an argument', argumentsFor('dan', '--password', 'hunter2'), 'does not take'],
    ['a name that is taken', argumentsFor('ANN'), 'There is a user of this name'],
  ])('refuses %s', async (_, args, message) => {
    const failed = await run(args, [PASSWORD]).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CommandError);
    expect((failed as Error).message).toContain(message);
    expect((failed as Error).message).not.toContain('hunter2');
  });

  it('refuses a weak password, and no password', async () => {
    await expect(run(argumentsFor('dan'), ['short'])).rejects.toThrow('must have at least 15 characters');
    await expect(run(argumentsFor('dan'), [])).rejects.toThrow('must have at least 15 characters');
    expect(await server.users.findByName('dan')).toBeUndefined();
  });

  it('explains itself', async () => {
    expect(await run(['--help'], [])).toContain('Usage: create-user');
  });
});
