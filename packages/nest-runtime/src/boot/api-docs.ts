import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PROBLEM_SCHEMA } from '../problem/problem-details.ts';

export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** The API takes bearer tokens. */
  readonly bearer?: boolean;
}

const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;

const START = `window.addEventListener('load', () => {
  window.ui = SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#ui', deepLinking: true, tryItOutEnabled: true });
});
`;

/** The OpenAPI document of the app's routes. */
export function describeApi(app: NestFastifyApplication, api: ApiDescription): OpenAPIObject {
  const builder = new DocumentBuilder().setTitle(api.title).setDescription(api.description).setVersion(api.version);
  if (api.bearer === true) builder.addBearerAuth({ type: 'http', scheme: 'bearer' });
  const document = SwaggerModule.createDocument(app, builder.build());
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, ProblemDetails: PROBLEM_SCHEMA };
  return document;
}

/** `/docs` to read and try it, `/docs/openapi.json` for machines. The page loads nothing from elsewhere. */
export function serveApiDocs(app: NestFastifyApplication, api: ApiDescription): void {
  const fastify = app.getHttpAdapter().getInstance();
  const directory = createRequire(import.meta.url)
    .resolve('swagger-ui-dist/package.json')
    .replace(/package\.json$/, '');
  let document: string | undefined;
  fastify.get('/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(pageOf(api.title)));
  fastify.get('/docs/openapi.json', (_request, reply) => {
    document ??= JSON.stringify(describeApi(app, api));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  fastify.get('/docs/start.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START));
  for (const [name, type] of Object.entries(ASSETS)) {
    fastify.get(`/docs/${name}`, async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=86400').type(type);
      return readFile(directory + name);
    });
  }
}

function pageOf(title: string): string {
  const safe = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${safe}</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
}
