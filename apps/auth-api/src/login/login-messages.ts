import { members } from '@mooring/nest-runtime';
import { z } from 'zod';
import type { Principal } from '@mooring/auth-tokens';
import { ROLES } from '@mooring/users';
import { typedText } from '../request-schemas.ts';
import type { Caller } from './token-claims.ts';

export const loginRequest = members({
  username: typedText('a user name').meta({ example: 'ann' }),
  password: typedText('a password').meta({ example: 'correct horse battery staple' }),
  rememberMe: z
    .boolean('must be true or false')
    .optional()
    .meta({ description: 'For a session of 30 days instead of 12 hours, as configured.' }),
}).meta({ example: { username: 'ann', password: 'correct horse battery staple' } });
export type LoginBody = z.output<typeof loginRequest>;

export const passwordRequest = members({
  currentPassword: typedText('your password'),
  newPassword: typedText('the new password').meta({ description: '15 characters or more, as configured.' }),
});
export type PasswordBody = z.output<typeof passwordRequest>;

const moment = z.string().meta({ example: '2026-11-21T22:00:00.000Z' });

export const callerAnswer = z.object({
  id: z.string().meta({ example: '0b0f9c3e-2f0f-4df0-9d2b-6a3f5f0f7f11' }),
  username: z.string().meta({ example: 'ann' }),
  tenantId: z.string().meta({ example: 'acme' }),
  role: z.enum(ROLES),
});

export const meAnswer = z.object({
  expiresAt: moment.meta({ description: 'When the session ends, whatever its use.' }),
  idleExpiresAt: moment.meta({ description: 'When it ends unless it is used before; slides with use.' }),
  user: callerAnswer,
});
export type MeAnswer = z.output<typeof meAnswer>;

export const tokenAnswer = meAnswer.extend({
  token: z.string().optional().meta({
    description:
      'A secret: send it as `Authorization: Bearer …`. Absent where the one before came in a cookie: so does this one.',
  }),
  tokenType: z.literal('Bearer'),
});
export type TokenAnswer = z.output<typeof tokenAnswer>;

export function meOf({ absoluteExpiresAt, idleExpiresAt }: Principal, caller: Caller): MeAnswer {
  const { id, username, tenantId, role } = caller;
  return {
    expiresAt: new Date(absoluteExpiresAt).toISOString(),
    idleExpiresAt: new Date(idleExpiresAt).toISOString(),
    user: { id, username, tenantId, role },
  };
}
