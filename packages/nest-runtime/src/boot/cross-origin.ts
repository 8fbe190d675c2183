import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export interface CrossOriginOptions {
  /** Origins whose pages may ask and read the answers, cookies included: `https://app.example.com`. */
  readonly origins: readonly string[];
}

const PREFLIGHT_KEPT_SECONDS = 600;

/** CORS for these origins, with credentials. Pages of any other get no header that lets them in. */
export function allowOrigins(app: NestFastifyApplication, { origins }: CrossOriginOptions): void {
  app.enableCors({
    origin: (origin, decide) => decide(null, origin !== undefined && origins.includes(origin) ? origin : false),
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
    exposedHeaders: ['location', 'ratelimit', 'ratelimit-policy', 'retry-after', 'www-authenticate', 'x-request-id'],
    maxAge: PREFLIGHT_KEPT_SECONDS,
  });
}
