import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import { runCommand } from './command.ts';
import { createDynamoStore, tableDefinition } from './index.ts';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = fileURLToPath(new URL('../bin/mooring-store-dynamodb.mjs', import.meta.url));

let dynamo: TestDynamo;

beforeAll(async () => {
  dynamo = await testDynamo();
});

afterAll(() => dynamo?.stop());

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCommand(args, { out: (text) => void (out += text), err: (text) => void (err += text) });
  return { code, out, err };
}

describe('create-table', () => {
  it('makes a table that a store takes, says so, and may be repeated', async () => {
    const table = dynamo.tableName();
    const args = ['create-table', '--table', table, '--endpoint', dynamo.url];
    expect(await run(...args)).toEqual({
      code: 0,
      out: `Created the table ${table}.\nThe endpoint has no time to live: what is dead stays, except sessions that are swept.\n`,
      err: '',
    });
    expect((await run(...args, '--billing', 'provisioned', '--read-units', '5', '--write-units', '5')).out).toContain(
      `Found the table ${table}.`,
    );
    const store = await createDynamoStore({ table, endpoint: dynamo.url, namespace: 'n' });
    await store.close();
  });

  it('makes a table with provisioned capacity', async () => {
    const table = dynamo.tableName();
    const args = ['--billing', 'provisioned', '--read-units', '7', '--write-units', '3', '--region', 'eu-central-1'];
    const made = await run('create-table', '--table', table, '--endpoint', dynamo.url, ...args);
    expect([made.code, made.err]).toEqual([0, '']);
  });

  it('prints the definition for a dry run and does nothing', async () => {
    const table = dynamo.tableName();
    const dry = await run('create-table', '--table', table, '--endpoint', 'http://127.0.0.1:1', '--dry-run');
    expect(dry).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(dry.out)).toEqual(JSON.parse(JSON.stringify(tableDefinition({ table }))));
  });

  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const word of ['create-table', '--table', '--billing', '--dry-run', 'UpdateTimeToLive', 'Exit code']) {
      expect(out).toContain(word);
    }
  });

  it.each([
    ['no command', [], 'give one command'],
    ['an unknown command', ['drop-table'], 'give one command'],
    ['no table', ['create-table'], 'give --table'],
    ['an unknown option', ['create-table', '--nope'], "Unknown option '--nope'"],
    [
      'capacity without its mode',
      ['create-table', '--table', 'abc', '--read-units', '5'],
      'need --billing provisioned',
    ],
    ['a mode without capacity', ['create-table', '--table', 'abc', '--billing', 'provisioned'], 'needs --read-units'],
    ['an unknown mode', ['create-table', '--table', 'abc', '--billing', 'free'], 'on-demand or provisioned'],
    ['a wait that is none', ['create-table', '--table', 'abc', '--wait-ms', 'long'], '--wait-ms must be'],
  ])('ends with one line and code 2 for %s', async (_, args, text) => {
    const { code, out, err } = await run(...args);
    expect({ code, out, lines: err.split('\n').length - 1 }).toEqual({ code: 2, out: '', lines: 1 });
    expect(err).toContain(text);
  });

  it.each([
    ['a name that is none', ['--table', 'a b', '--endpoint', 'http://127.0.0.1:1'], '3 to 255 characters'],
    ['an endpoint that is none', ['--table', 'abc', '--endpoint', 'localhost:8000'], 'http:// or https://'],
    ['nobody at the endpoint', ['--table', 'abc', '--endpoint', 'http://127.0.0.1:1'], 'no connection to DynamoDB'],
  ])('ends with one line and code 1 for %s', async (_, args, text) => {
    const { code, out, err } = await run('create-table', ...args);
    expect({ code, out, lines: err.split('\n').length - 1 }).toEqual({ code: 1, out: '', lines: 1 });
    expect(err).toContain(text);
  });

  it('is a command of the package', async () => {
    const tsc = createRequire(import.meta.url)
      .resolve('@typescript/native/package.json')
      .replace('package.json', 'bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-b', FOLDER]);
    const child = spawn(process.execPath, [COMMAND, 'create-table', '--table', 'ab']);
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
    const code = await new Promise((resolve) => void child.once('close', resolve));
    expect([code, err.includes('3 to 255 characters')]).toEqual([1, true]);
  });
});
