import { CommandError } from '../errors.ts';
import type { ServiceClient } from '../services/service-client.ts';

/** As the auth API shows a user. */
export interface AdministeredUser {
  readonly id: string;
  readonly username: string;
  readonly tenantId: string;
  readonly role: string;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly changedAt: string;
}

interface UserPage {
  readonly users: readonly AdministeredUser[];
  readonly nextCursor?: string;
}

const PAGE = 100;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** By name, as many as there are. */
export async function* eachUser(
  service: ServiceClient,
  tenantId?: string,
): AsyncGenerator<AdministeredUser, void, undefined> {
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      limit: String(PAGE),
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    const page = await service.ask<UserPage>('GET', `auth/users?${query.toString()}`);
    yield* page.users;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

/** The id of a user who is named by it, or by the user's name: case and width make no difference. */
export async function idOf(service: ServiceClient, nameOrId: string): Promise<string> {
  if (ID.test(nameOrId)) return nameOrId;
  for await (const { id, username } of eachUser(service)) {
    if (keyOf(username) === keyOf(nameOrId)) return id;
  }
  throw new CommandError({
    code: 'user_not_found',
    message: `There is no user ${nameOrId}, or none that you may see.`,
  });
}

function keyOf(username: string): string {
  return username.trim().normalize('NFKC').toLowerCase().normalize('NFKC');
}
