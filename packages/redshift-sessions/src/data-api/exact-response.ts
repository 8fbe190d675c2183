import type { GetStatementResultCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { parseExact } from './exact-numbers.ts';

interface HttpAnswer {
  readonly statusCode: number;
  body?: unknown;
}

/**
 * Sends the command and answers the body as the service wrote it, integers exact. The SDK's own deserializer turns
 * BIGINTs into doubles and rounds those beyond 2^53, so the body is read beneath it.
 */
export async function exactResponseOf(
  client: RedshiftDataClient,
  command: GetStatementResultCommand,
  options: { readonly abortSignal: AbortSignal },
): Promise<unknown> {
  let exact: unknown;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const answer = result.response as HttpAnswer;
      const text = await textOf(answer.body);
      // The deserializer still has to see a body: the whole one of an error, none of a result that is read already.
      answer.body = Buffer.from(answer.statusCode < 300 ? '{"Records":[]}' : text);
      if (answer.statusCode < 300) exact = parseExact(text);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'readExactNumbers' },
  );
  await client.send(command, options);
  return exact;
}

async function textOf(body: unknown): Promise<string> {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
