import type { ExecutionContext } from '@nestjs/common';

/** What Express and Fastify have in common of a request. */
export interface AccessRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The client's address, past the proxies that the framework was told to trust. */
  readonly ip?: string;
}

interface AccessResponse {
  header(name: string, value: string): unknown;
}

export function requestOf(context: ExecutionContext): AccessRequest {
  return context.switchToHttp().getRequest<AccessRequest>();
}

/** The first value of a header. */
export function headerOf({ headers }: AccessRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export function setHeaders(context: ExecutionContext, headers: Readonly<Record<string, string>>): void {
  const response = context.switchToHttp().getResponse<AccessResponse>();
  for (const [name, value] of Object.entries(headers)) response.header(name, value);
}
