import { members } from '@mooring/nest-runtime';
import { z } from 'zod';

const parameterValue = z
  .union([z.string(), z.number(), z.boolean(), z.null()], 'must be text, a number, a boolean or null')
  .refine(
    (value) => typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value),
    'is a whole number beyond 2^53-1, which JSON readers round: send it as text',
  );

export const namespaceName = z
  .string('must be text')
  .min(1, 'must not be empty')
  .max(128, 'must not be longer than 128 characters')
  .refine((name) => !/[\p{Cc}\p{Cs}]/u.test(name), 'must not have control characters');

const sessionId = z.string('must be text').max(128, 'must not be longer than 128 characters');

export const sqlRequest = members({
  sql: z.string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be text') }).meta({
    description: 'One statement or several with `;` between them. They run one after the other until one fails.',
    example: 'select origin, count(*) as departures from flights where origin = $1 group by 1',
  }),
  parameters: z
    .array(parameterValue, 'must be a list')
    .optional()
    .meta({ description: 'Values of `$1`, `$2`, … of one statement, up to 50.', example: ['SEA'] }),
  namespace: namespaceName.optional().meta({
    description: 'Of tables that are named without one. Not with `session`, which has its own.',
    example: 'sales',
  }),
  session: sessionId.optional().meta({ description: 'A pinned session of yours, from POST /v1/sql/sessions.' }),
  maxRows: z
    .number('must be a whole number')
    .int('must be a whole number')
    .min(0, 'must not be below 0')
    .optional()
    .meta({
      description:
        'The most rows of each statement. Default in JSON: as many as the service allows. Default in the other ' +
        'forms: all.',
      example: 1000,
    }),
  timeoutSeconds: z.number('must be a number of seconds').min(0.1, 'must not be below 0.1').optional().meta({
    description: 'Time after which each statement is cancelled, reading of its rows included.',
    example: 60,
  }),
})
  .refine(({ session, namespace: given }) => session === undefined || given === undefined, {
    path: ['namespace'],
    message: 'does not go with session, which has its own: USE another one in it',
  })
  .meta({ example: { sql: 'select 6 * $1 as answer', parameters: [7] } });
export type SqlRequest = z.output<typeof sqlRequest>;

export const sqlSessionRequest = members({
  namespace: namespaceName
    .optional()
    .meta({ description: 'That it begins in; USE goes to another.', example: 'sales' }),
});
export type SqlSessionRequest = z.output<typeof sqlSessionRequest>;
