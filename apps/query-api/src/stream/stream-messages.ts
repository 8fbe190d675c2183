import { z } from 'zod';
import type { QueryState, ResultRows } from '../queries/query-answer.ts';
import { isIdempotencyKey, queryRequest } from '../queries/query-request.ts';
import type { JsonValue } from '../sql/value-json.ts';
import type { StreamProblem } from './stream-problem.ts';

const ref = z
  .string('must be text')
  .min(1, 'must not be empty')
  .max(64, 'must be at most 64 characters')
  .describe('Names the query on this connection.');

/** What a client sends, one JSON object in each text message. */
export const clientMessage = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('authenticate'), token: z.string('must be text') }),
    z.strictObject({
      type: z.literal('run'),
      ref,
      idempotencyKey: z.string().refine(isIdempotencyKey, 'must be 1 to 255 visible ASCII characters').optional(),
      ...queryRequest.omit({ waitSeconds: true }).shape,
    }),
    z.strictObject({ type: z.literal('cancel'), ref }),
  ],
  'must be a JSON object with the type authenticate, run or cancel',
);
export type ClientMessage = z.output<typeof clientMessage>;
export type RunMessage = Extract<ClientMessage, { type: 'run' }>;

/** What the server sends. `rows` come after the query finished, a page in each message; `end` is the last of a query. */
export type ServerMessage =
  | { readonly type: 'ready'; readonly tenantId: string; readonly userId: string }
  | { readonly type: 'state'; readonly ref: string; readonly query: QueryState }
  | {
      readonly type: 'rows';
      readonly ref: string;
      /** With the first rows alone. */
      readonly columns?: ResultRows['columns'];
      readonly rows: readonly (readonly JsonValue[])[];
    }
  | { readonly type: 'end'; readonly ref: string; readonly query: QueryState; readonly rowsSent: number }
  | { readonly type: 'problem'; readonly ref?: string; readonly problem: StreamProblem };

/** Why the server closes a connection (RFC 6455 section 7.4; 4000 and above are this protocol's own). */
export const CLOSE = {
  goingAway: 1001,
  policy: 1008,
  tryAgainLater: 1013,
  /** No good token in time, or it is not good any more. */
  unauthenticated: 4401,
} as const;
