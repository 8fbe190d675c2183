import type { z } from 'zod';
import { environment } from './environment.ts';

const { choice, integer, text } = environment;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What every service is told of how to listen, to log and to end; `port` is its usual one. */
export function serverVariables(port: number) {
  return {
    NODE_ENV: text().optional().describe('`production` refuses what only suits a laptop.'),
    MOORING_HOST: text().default('127.0.0.1').describe('The address to listen on; `0.0.0.0` in a container.'),
    MOORING_PORT: integer({ min: 0, max: 65_535 }).default(port).describe('The port to listen on; 0 takes a free one.'),
    MOORING_LOG_LEVEL: choice(LOG_LEVELS).default('info').describe('The least important lines to log.'),
    MOORING_SHUTDOWN_DEADLINE_SECONDS: integer({ min: 0, max: 3600, unit: 'seconds' })
      .default(25)
      .describe('How long requests under way may take to finish after SIGTERM.'),
    MOORING_DRAIN_DELAY_SECONDS: integer({ min: 0, max: 300, unit: 'seconds' })
      .default(0)
      .describe('How long to go on accepting after SIGTERM, until load balancers know.'),
  };
}

/** Of services that are called from outside, `bodies` is what to know of their request bodies. */
export function callerVariables(bodies: {
  readonly most: number;
  readonly usual: number;
  readonly description: string;
}) {
  return {
    MOORING_TRUST_PROXY: text()
      .optional()
      .describe('Addresses and networks of proxies in front, comma-separated, to believe about client addresses.'),
    MOORING_BODY_LIMIT_BYTES: integer({ min: 1024, max: bodies.most, unit: 'bytes' })
      .default(bodies.usual)
      .describe(bodies.description),
  };
}

type Values<Variables extends z.ZodRawShape> = z.output<z.ZodObject<Variables>>;

export function serverOptionsOf(values: Values<ReturnType<typeof serverVariables>>) {
  return {
    host: values.MOORING_HOST,
    port: values.MOORING_PORT,
    logLevel: values.MOORING_LOG_LEVEL,
    shutdown: {
      deadlineMs: values.MOORING_SHUTDOWN_DEADLINE_SECONDS * 1000,
      drainDelayMs: values.MOORING_DRAIN_DELAY_SECONDS * 1000,
    },
  };
}

export function callerOptionsOf(values: Values<ReturnType<typeof callerVariables>>) {
  return {
    bodyLimitBytes: values.MOORING_BODY_LIMIT_BYTES,
    trustProxy: values.MOORING_TRUST_PROXY ?? (false as const),
  };
}
