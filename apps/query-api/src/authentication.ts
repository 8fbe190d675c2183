import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { Principal as TokenHolder } from '@mooring/auth-tokens';
import { principalOf } from '@mooring/nest-access';
import { ProblemError } from '@mooring/nest-runtime';
import type { Principal } from './api-tokens.ts';

/** Who asks. Only behind `TokenGuard`. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const holder = principalOf(context);
  if (holder === undefined) throw new ProblemError('unauthenticated', 'The request was not authenticated.');
  return callerOf(holder);
});

export function callerOf({ tenantId, subjectId, id, claims }: TokenHolder): Principal {
  const { role, dbUser, configured } = claims;
  return {
    tenantId,
    userId: subjectId,
    role: typeof role === 'string' ? role : 'user',
    ...(configured === true ? {} : { sessionId: id }),
    ...(typeof dbUser === 'string' ? { dbUser } : {}),
  };
}
