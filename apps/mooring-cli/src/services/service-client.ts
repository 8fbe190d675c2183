import { CommandError } from '../errors.ts';
import { serviceUrl } from './service-url.ts';

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** The part of a problem (RFC 9457) that is said. */
interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly line?: number;
  readonly column?: number;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail?: string }[];
}

/** A service of Mooring over HTTP. A refusal is a `CommandError` with the service's own code and words. */
export class ServiceClient {
  constructor(
    private readonly url: string,
    private readonly token?: string,
  ) {}

  async ask<T>(method: Method, path: string, asked: Asked = {}): Promise<T> {
    const response = await this.open(method, path, asked);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** The answer as it comes. */
  async open(method: Method, path: string, { body, headers = {}, signal }: Asked = {}): Promise<Response> {
    const base = serviceUrl(this.url);
    let response: Response;
    try {
      response = await fetch(new URL(path, base), {
        method,
        headers: {
          ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new CommandError({
        code: 'service_unreachable',
        message: `${this.url} does not answer.`,
        remedy: 'start the service, or give its URL',
      });
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'log in again, or set MOORING_TOKEN to a token that is good',
  403: 'ask with the token of a user whose role may do this',
  404: 'is the URL that of the right service?',
  503: 'npx mooring doctor in the environment of the service says what it needs',
};

async function refusalOf(response: Response): Promise<CommandError> {
  const problem: Problem = await response.json().then(
    (body) => (body ?? {}) as Problem,
    () => ({}),
  );
  const { code = `http_${response.status}`, detail, title, line, column, errors = [] } = problem;
  const said = detail ?? title ?? `The service answered ${response.status}.`;
  const isPlaced = line === undefined || said.includes(`line ${line}`);
  const where = isPlaced ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
  const faults = errors
    .filter((fault) => !said.includes(fault.detail ?? ''))
    .map((fault) => `\n  ${fault.pointer ?? fault.parameter ?? ''} ${fault.detail ?? ''}`);
  const message = `${said}${where}${faults.join('')}`;
  const remedy = code.endsWith('_not_found') ? undefined : REMEDIES[response.status];
  return new CommandError({ code, message, ...(remedy === undefined ? {} : { remedy }) });
}
