import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problem/problem-error.ts';

/**
 * Forms on these routes alone, each field once, as an object of text. Elsewhere a form is not understood: any page of the
 * web may send one, with the cookies of whoever looks at it.
 */
export function parseForms(app: NestFastifyApplication, routes: readonly string[], bodyLimit: number): void {
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit }, (request, body: Buffer, done) => {
    const { url } = (request as FastifyRequest).routeOptions;
    if (url === undefined || !routes.includes(url)) {
      done(new ProblemError('unsupported_media_type', 'This route takes no forms: send the body as application/json.'));
      return;
    }
    const fields = [...new URLSearchParams(body.toString('utf8'))];
    const names = fields.map(([name]) => name);
    const repeated = names.find((name, index) => names.indexOf(name) !== index);
    if (repeated === undefined) done(null, Object.fromEntries(fields));
    else done(new ProblemError('malformed_request', `The form has the field "${repeated.slice(0, 64)}" twice.`));
  });
}
