import { members, pageQuery } from '@mooring/nest-runtime';
import { z } from 'zod';
import { ROLES, TENANT_ID_TAKES, USERNAME_TAKES, isTenantId, isUsername } from '@mooring/users';
import type { User } from '@mooring/users';
import { typedText } from '../request-schemas.ts';

const username = typedText(USERNAME_TAKES)
  .transform((text) => text.normalize('NFC'))
  .refine(isUsername, `must be ${USERNAME_TAKES}`)
  .meta({ type: 'string', example: 'bob' });
const tenantId = z.string('must be text').refine(isTenantId, `must be ${TENANT_ID_TAKES}`).meta({ example: 'acme' });
const role = z.enum(ROLES, `must be one of ${ROLES.join(', ')}`);
const password = typedText('a password').meta({ description: '15 characters or more, as configured.' });

export const userRequest = members({
  username,
  password,
  tenantId: tenantId.optional().meta({ description: "Default: the caller's own." }),
  role: role.optional().meta({ description: 'Default `user`.' }),
});
export type UserBody = z.output<typeof userRequest>;

export const userPatch = members({
  role: role.optional(),
  tenantId: tenantId.optional(),
  disabled: z.boolean('must be true or false').optional(),
  password: password.optional(),
})
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'changes nothing: give a member')
  .meta({ example: { role: 'dba' } });
export type UserPatchBody = z.output<typeof userPatch>;

export const unlockRequest = members({
  address: z
    .union([z.ipv4(), z.ipv6()], 'must be an IP address')
    .optional()
    .meta({ description: 'Where the user failed to log in from.', example: '203.0.113.7' }),
}).optional();
export type UnlockBody = z.output<typeof unlockRequest>;

export const userQuery = pageQuery.extend({
  tenantId: tenantId.optional().meta({ description: 'Of one tenant; for the role system.' }),
});
export type UserQuery = z.output<typeof userQuery>;

export const userAnswer = z.object({
  id: z.string().meta({ example: '0b0f9c3e-2f0f-4df0-9d2b-6a3f5f0f7f11' }),
  username: z.string().meta({ example: 'bob' }),
  tenantId: z.string().meta({ example: 'acme' }),
  role: z.enum(ROLES),
  disabled: z.boolean(),
  createdAt: z.string().meta({ example: '2026-11-21T10:00:00.000Z' }),
  changedAt: z.string().meta({ example: '2026-11-21T10:00:00.000Z' }),
});
export type UserAnswer = z.output<typeof userAnswer>;

export const userList = z.object({
  users: z.array(userAnswer),
  nextCursor: z.string().optional().meta({ description: 'For the next page. Absent on the last.' }),
});
export type UserList = z.output<typeof userList>;

export function shownUser({ id, username: name, tenantId: tenant, role: rank, disabled, ...times }: User): UserAnswer {
  return {
    id,
    username: name,
    tenantId: tenant,
    role: rank,
    disabled,
    createdAt: times.createdAt.toISOString(),
    changedAt: times.changedAt.toISOString(),
  };
}
