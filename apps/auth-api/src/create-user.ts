import { parseArgs } from 'node:util';
import type { Environment } from '@mooring/environment-config';
import {
  PasswordHasher,
  ROLES,
  TENANT_ID_TAKES,
  USERNAME_TAKES,
  UserDatabase,
  Users,
  isTenantId,
  isUsername,
  passwordFault,
} from '@mooring/users';
import { readConfig } from './config.ts';
import { readPassword } from './password-input.ts';
import type { PasswordSource } from './password-input.ts';

const USAGE = `Usage: create-user --username <name> --tenant <tenant> [--role ${ROLES.join('|')}]

Creates a user in the database of DATABASE_URL. The password is asked for, or read from the input. Default role: user.`;

/** The command can't be carried out as it was given; the message is for whoever gave it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export interface Streams {
  readonly input: PasswordSource;
  readonly output: NodeJS.WritableStream;
}

/** @throws CommandError */
export async function createUser(args: readonly string[], streams: Streams, env?: Environment): Promise<void> {
  const wanted = readArguments(args);
  if (wanted === undefined) {
    streams.output.write(`${USAGE}\n`);
    return;
  }
  const { config } = readConfig(env);
  const { username, tenantId, role } = wanted;
  const password = await readPassword(streams.input, streams.output);
  const fault = passwordFault(password, wanted, config.passwords);
  if (fault !== undefined) throw new CommandError(`The password ${fault.detail}.`);
  const database = await UserDatabase.open({ ...config.users, poolSize: 1 });
  try {
    const passwordHash = await new PasswordHasher(config.passwords).hash(password);
    const created = await new Users(database).create({ username, tenantId, role, passwordHash });
    if (!created.ok) throw new CommandError('There is a user of this name already.');
    streams.output.write(`Created the user ${username} of ${tenantId} with the role ${role}: ${created.value.id}\n`);
  } finally {
    await database.close();
  }
}

function readArguments(args: readonly string[]) {
  const values = parse(args);
  if (values.help === true) return undefined;
  const username = (values.username ?? '').normalize('NFC');
  const tenantId = values.tenant ?? '';
  const role = ROLES.find((known) => known === (values.role ?? 'user'));
  if (!isUsername(username)) throw new CommandError(`--username must be ${USERNAME_TAKES}.\n\n${USAGE}`);
  if (!isTenantId(tenantId)) throw new CommandError(`--tenant must be ${TENANT_ID_TAKES}.\n\n${USAGE}`);
  if (role === undefined) throw new CommandError(`--role must be one of ${ROLES.join(', ')}.\n\n${USAGE}`);
  return { username, tenantId, role };
}

function parse(args: readonly string[]) {
  try {
    const options = {
      username: { type: 'string' },
      tenant: { type: 'string' },
      role: { type: 'string' },
      help: { type: 'boolean' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch {
    // Its message repeats what was typed, which may be a password.
    throw new CommandError(`There is an argument that this command does not take.\n\n${USAGE}`);
  }
}
