import { Option } from 'commander';
import type { Command } from 'commander';
import { action } from '../command.ts';
import type { CommandContext, ProgramContext } from '../command.ts';
import { AUTH_URL, withToken } from '../services/login.ts';
import { ServiceClient } from '../services/service-client.ts';
import { readNewPassword } from '../terminal/prompt.ts';
import { tableOf } from '../terminal/table.ts';
import { eachUser, idOf } from '../users/administered-user.ts';
import type { AdministeredUser } from '../users/administered-user.ts';

interface ServiceOptions {
  readonly url: string;
}

interface TenantOptions extends ServiceOptions {
  readonly tenant?: string;
}

interface CreateOptions extends TenantOptions {
  readonly role: string;
}

interface UnlockOptions extends ServiceOptions {
  readonly address?: string;
}

const ROLES = ['user', 'service', 'dba', 'system'];
const USER = 'its name, or its id';

export function usersCommands(group: Command, context: ProgramContext): void {
  const command = (name: string, description: string): Command =>
    group.command(name).description(description).option('--url <url>', 'the auth API', AUTH_URL);
  const list = command('list', 'users by name').option('--tenant <id>', 'of one tenant');
  action<TenantOptions>(list, context, listUsers);
  const create = command('create', 'makes a user; the password is asked for, or the first line of the input')
    .argument('<username>', 'the name')
    .option('--tenant <id>', 'the tenant; your own, unless given')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('user'));
  action<CreateOptions>(create, context, createUser);
  const disable = command('disable', 'lets a user in no more, and ends all sessions').argument('<user>', USER);
  action<ServiceOptions>(disable, context, (given, options, [user]) =>
    changeUser(given, options, user, { disabled: true }),
  );
  const enable = command('enable', 'lets a user in again').argument('<user>', USER);
  action<ServiceOptions>(enable, context, (given, options, [user]) =>
    changeUser(given, options, user, { disabled: false }),
  );
  const role = command('role', 'changes what a user may do, and ends all sessions');
  role.argument('<user>', USER).argument('<role>', ROLES.join(', '));
  action<ServiceOptions>(role, context, (given, options, [user, to]) => changeUser(given, options, user, { role: to }));
  const password = command('password', 'sets a password, asked for or the first line of the input; ends all sessions');
  action<ServiceOptions>(password.argument('<user>', USER), context, setPassword);
  const unlock = command('unlock', 'forgets failed logins').argument('<user>', USER);
  unlock.option('--address <ip>', 'those from this address, too');
  action<UnlockOptions>(unlock, context, unlockUser);
}

async function listUsers(context: CommandContext, { url, tenant }: TenantOptions): Promise<void> {
  const users = await withService(context, url, async (service) => {
    const found: AdministeredUser[] = [];
    for await (const user of eachUser(service, tenant)) found.push(user);
    return found;
  });
  context.output.result({ users }, () =>
    tableOf(
      ['name', 'tenant', 'role', 'disabled', 'id'],
      users.map(({ username, tenantId, role, disabled, id }) => [
        username,
        tenantId,
        role,
        disabled ? 'yes' : 'no',
        id,
      ]),
    ),
  );
}

async function createUser(context: CommandContext, options: CreateOptions, [username]: string[]): Promise<void> {
  const { url, tenant: tenantId, role } = options;
  const user = await withService(context, url, async (service) => {
    const password = await readNewPassword(context.streams);
    const body = { username, password, role, ...(tenantId === undefined ? {} : { tenantId }) };
    return service.ask<AdministeredUser>('POST', 'auth/users', { body });
  });
  context.output.result({ user }, () => `Created ${shownUser(user)}.\n`);
}

async function changeUser(
  context: CommandContext,
  { url }: ServiceOptions,
  nameOrId: string | undefined,
  patch: { readonly disabled?: boolean; readonly role?: string | undefined; readonly password?: string },
): Promise<void> {
  const user = await withService(context, url, async (service) => {
    const id = await idOf(service, nameOrId ?? '');
    return service.ask<AdministeredUser>('PATCH', `auth/users/${id}`, { body: patch });
  });
  context.output.result({ user }, () => `Changed ${shownUser(user)}. All sessions of the user have ended.\n`);
}

async function setPassword(context: CommandContext, options: ServiceOptions, [nameOrId]: string[]): Promise<void> {
  const password = await readNewPassword(context.streams);
  await changeUser(context, options, nameOrId, { password });
}

async function unlockUser(context: CommandContext, options: UnlockOptions, [nameOrId = '']: string[]): Promise<void> {
  const { url, address } = options;
  const id = await withService(context, url, async (service) => {
    const found = await idOf(service, nameOrId);
    const body = address === undefined ? {} : { address };
    await service.ask('POST', `auth/users/${found}/unlock`, { body });
    return found;
  });
  context.output.result({ id, address: address ?? null }, () => `Forgot the failed logins of ${nameOrId}.\n`);
}

/** At a terminal, the login is of who administers. */
function withService<T>(
  { env, streams }: CommandContext,
  url: string,
  work: (service: ServiceClient) => Promise<T>,
): Promise<T> {
  const auth = { url, service: 'auth API', option: '--url' } as const;
  return withToken({ env, streams, auth }, (token) => work(new ServiceClient(auth, token)));
}

function shownUser({ username, tenantId, role, disabled, id }: AdministeredUser): string {
  return `${username} of ${tenantId}, role ${role}${disabled ? ', disabled' : ''} (${id})`;
}
