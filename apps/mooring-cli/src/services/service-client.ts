import { CommandError } from '../errors.ts';
import { serviceUrl } from './service-url.ts';

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/** Where a service is asked, and what says so on the command line. */
export interface ServiceAddress {
  readonly url: string;
  readonly service: 'auth API' | 'query API';
  readonly option: '--url' | '--auth-url';
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
    private readonly address: ServiceAddress,
    private readonly token?: string,
  ) {}

  async ask<T>(method: Method, path: string, asked: Asked = {}): Promise<T> {
    const response = await this.open(method, path, asked);
    if (response.status === 204) return undefined as T;
    const text = await response.text();
    try {
      return JSON.parse(text) as T;
    } catch {
      throw wrongService(this.address, path);
    }
  }

  /** The answer as it comes. */
  async open(method: Method, path: string, { body, headers = {}, signal }: Asked = {}): Promise<Response> {
    const { url, service, option } = this.address;
    const base = serviceUrl(url);
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
        message: `${url} does not answer.`,
        remedy: `start the ${service}, or give its address with ${option}`,
      });
    }
    if (response.ok) return response;
    const refusal = await refusalOf(response);
    throw NO_ROUTE.has(refusal.code) ? wrongService(this.address, path) : refusal;
  }
}

/** Of a service of Mooring, and of what is none. */
const NO_ROUTE: ReadonlySet<string> = new Set(['route_not_found', 'http_404']);

/** What is there answers, but not as the service that is meant. */
function wrongService({ url, service, option }: ServiceAddress, path: string): CommandError {
  const [route] = path.split('?');
  return new CommandError({
    code: 'wrong_service',
    message: `${url} is not the address of the ${service}: it has no /${route}.`,
    remedy: `give the address of the ${service} with ${option}`,
  });
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'log in again, or set MOORING_TOKEN to a token that is good',
  403: 'ask with the token of a user whose role may do this',
  503: 'npx mooring doctor in the environment of the service says what it needs',
};

/** Where the code says more than the status. */
const REMEDIES_OF_CODE: Readonly<Record<string, string>> = {
  object_not_found: 'SHOW NAMESPACES, SHOW TABLES and the tables of the schema system list what there is for you',
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
  const remedy = REMEDIES_OF_CODE[code] ?? REMEDIES[response.status];
  return new CommandError({ code, message, ...(remedy === undefined ? {} : { remedy }) });
}
