import { isError } from './is-error.ts';
import type { LoggerService } from '@nestjs/common';
import { describeError } from './describe-error.ts';
import type { Logger } from './logger.ts';

/** What the framework and providers log through Nest's `Logger`, as lines of the service's own log. */
export class FrameworkLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the context last; what is between may be a stack, which an error has already. */
  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    const context = rest.at(-1);
    const fields = typeof context === 'string' && !context.includes('\n') ? { context } : {};
    // Route and module listings of the framework are of use to its developers only.
    const chatty = level === 'info' && isFrameworkContext(context);
    if (isError(message)) this.logger[level]({ ...fields, error: describeError(message) }, 'Failed');
    else this.logger[chatty ? 'debug' : level](fields, typeof message === 'string' ? message : 'Logged a value');
  }
}

const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

function isFrameworkContext(context: unknown): boolean {
  return typeof context === 'string' && FRAMEWORK.has(context);
}
