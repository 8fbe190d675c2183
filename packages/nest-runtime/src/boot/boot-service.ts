import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { FrameworkLog } from '../logging/framework-log.ts';
import { describeError } from '../logging/describe-error.ts';
import type { Logger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { ProblemFilter } from '../problem/problem-filter.ts';
import { ProblemRegistry } from '../problem/problem-registry.ts';
import { RequestValidation } from '../problem/request-validation.ts';
import { serveApiDocs } from './api-docs.ts';
import type { ApiDescription } from './api-docs.ts';
import { allowOrigins } from './cross-origin.ts';
import type { CrossOriginOptions } from './cross-origin.ts';
import { refuseConnection, refuseTarget } from './client-error.ts';
import { closeQueuedAnswers } from './queued-answers.ts';
import { requestIdOf } from './request-id.ts';
import { answerHeaders, isQuiet, observeRequests } from './request-observation.ts';
import { RequestTracing } from './request-tracing.ts';
import { RouteTable } from './route-table.ts';
import { RuntimeModule } from './runtime-module.ts';
import { parseForms } from './form-body.ts';
import { parseJsonStrictly } from './json-body.ts';
import { ServiceLifecycle } from './service-lifecycle.ts';
import { OpenSockets, shutDown } from './shutdown.ts';
import type { ShutdownOptions, ShutdownReport } from './shutdown.ts';

export interface BootOptions {
  /** Short name: the label of metrics and log lines. */
  readonly name: string;
  readonly module: Type | DynamicModule;
  readonly logger: Logger;
  readonly problems?: ProblemRegistry;
  /** Served at `/docs`. */
  readonly api?: ApiDescription;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Routes, by template, that take forms (`application/x-www-form-urlencoded`) besides JSON. Default none. */
  readonly formRoutes?: readonly string[];
  /** Whose pages may ask from another origin. Default nobody's. */
  readonly crossOrigin?: CrossOriginOptions;
  /** Which proxies to believe about the client's address: all, or these addresses and networks. Default none. */
  readonly trustProxy?: boolean | string;
  /**
   * Whether every line that a request causes, however far from it, has its id. Up to Node 22 each promise of the process
   * costs more then. Without it, a line has the id where its writer adds `requestScope`. Default true.
   */
  readonly followRequests?: boolean;
  /** How long an idle connection stays open. Longer than any long poll, and than a load balancer's. Default 75 000. */
  readonly keepAliveTimeoutMs?: number;
  readonly shutdown?: ShutdownOptions;
  /** Shut down on SIGTERM and SIGINT, then exit: 0 when clean, 1 otherwise. Default true. */
  readonly handleSignals?: boolean;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly port: number;
  /** Shuts down as on a signal, without exiting. Calling it again answers the first shutdown. */
  close(): Promise<ShutdownReport>;
}

const LONGEST_REQUEST_ARRIVAL_MS = 30_000;
/** Not above the time for the whole request: Node takes the larger of both for that. */
const LONGEST_HEADERS_ARRIVAL_MS = 15_000;
const CHECK_ARRIVALS_EVERY_MS = 5_000;
const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;

/** Starts a service: routes, errors, health, metrics, log and shutdown are wired here, and nowhere else. */
export async function bootService(options: BootOptions): Promise<RunningService> {
  const { name, logger } = options;
  const lifecycle = new ServiceLifecycle();
  const metrics = new Metrics(name);
  const routes = new RouteTable();
  const adapter = fastifyAdapter(options);
  const fastify = adapter.getInstance();
  routes.watch(fastify);
  closeQueuedAnswers(fastify);
  answerHeaders(fastify, lifecycle);
  new RequestTracing(isQuiet, options.followRequests ?? true).watch(fastify);
  observeRequests(fastify, metrics, logger);

  const root = RuntimeModule.forService({ logger, metrics, lifecycle, app: options.module });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new FrameworkLog(logger),
    abortOnError: false,
    bodyParser: false,
  });
  const sockets = new OpenSockets(app.getHttpServer());
  parseJsonStrictly(app, options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES);
  const { formRoutes = [], crossOrigin } = options;
  if (formRoutes.length > 0) parseForms(app, formRoutes, options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES);
  if (crossOrigin !== undefined) allowOrigins(app, crossOrigin);
  app.useSecurityHeaders({
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    strictTransportSecurity: { maxAge: 31_536_000 },
  });
  app.useGlobalFilters(new ProblemFilter(options.problems ?? new ProblemRegistry(), logger, routes));
  app.useGlobalPipes(new RequestValidation());
  if (options.api !== undefined) serveApiDocs(app, options.api);

  try {
    await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://${urlHost(options.host ?? '127.0.0.1')}:${port}`;
  logger.info({ url }, 'Listening');

  let closing: Promise<ShutdownReport> | undefined;
  const close = (): Promise<ShutdownReport> =>
    (closing ??= shutDown(app, lifecycle, logger, sockets, options.shutdown ?? {}));
  if (options.handleSignals ?? true) exitOnSignals(close, logger);
  return { app, url, port, close };
}

function fastifyAdapter(options: BootOptions): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    trustProxy: options.trustProxy ?? false,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 75_000,
    requestTimeout: LONGEST_REQUEST_ARRIVAL_MS,
    http: { headersTimeout: LONGEST_HEADERS_ARRIVAL_MS, connectionsCheckingInterval: CHECK_ARRIVALS_EVERY_MS },
    requestIdHeader: false,
    genReqId: requestIdOf,
    clientErrorHandler: refuseConnection,
    frameworkErrors: refuseTarget,
    routerOptions: { maxParamLength: 256 },
  });
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** A second signal does not wait. */
function exitOnSignals(close: () => Promise<ShutdownReport>, logger: Logger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'Shutting down');
    void close()
      .catch((error: unknown): ShutdownReport => {
        logger.error({ error: describeError(error) }, 'Shutdown failed');
        return { clean: false };
      })
      .then(({ clean }) => {
        logger.info({ clean }, 'Stopped');
        process.exit(clean ? 0 : 1);
      });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
