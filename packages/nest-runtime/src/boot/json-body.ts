import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problem/problem-error.ts';
import { repeatedMember } from '../problem/repeated-member.ts';

/** Clients that always send a content type send it here too. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON bodies in which no object has a member twice, and none is called `__proto__`. */
export function parseJsonStrictly(app: NestFastifyApplication, bodyLimit: number): void {
  const parse = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.getHttpAdapter().getInstance().removeContentTypeParser(['text/plain', 'application/x-www-form-urlencoded']);
  app.useBodyParser('application/json', { bodyLimit }, (request, body: Buffer, done) => {
    if (body.length === 0 && WITHOUT_BODY.has(request.method)) {
      done(null, undefined);
      return;
    }
    const text = utf8Of(body);
    if (text === undefined) {
      done(new ProblemError('malformed_json', 'The body is not UTF-8.'));
      return;
    }
    void parse(request as FastifyRequest, text, (error, value) => {
      const name = error === null ? repeatedMember(text) : undefined;
      if (name === undefined) done(error, value);
      else
        done(new ProblemError('malformed_json', `The body has the member "${name.slice(0, 64)}" twice in one object.`));
    });
  });
}

/** Undefined for bytes that are none, which would be replaced in silence. */
function utf8Of(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}
