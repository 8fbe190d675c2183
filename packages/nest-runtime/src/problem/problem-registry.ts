import { isError } from '../logging/is-error.ts';
import { ProblemError } from './problem-error.ts';
import type { ProblemDetails, ProblemFault } from './problem-details.ts';
import { RUNTIME_PROBLEMS } from './runtime-problems.ts';

export interface ProblemDefinition {
  readonly status: number;
  /** What it is, the same for every occurrence. */
  readonly title: string;
  /** What the caller reads unless the error may speak for itself. */
  readonly detail: string;
  /** Retry-After where the error does not say it. */
  readonly retryAfterSeconds?: number;
}

/** The problem that an error of a package becomes. */
export interface ErrorMapping {
  readonly problem: string;
  /** The message was written for the caller: it becomes the detail. Otherwise it is only logged. */
  readonly messageIsPublic?: boolean;
}

export interface ProblemRegistryOptions {
  /** What `type` starts with; the code follows. Default `urn:mooring:problem:`. */
  readonly typeBase?: string;
  /** The service's own problems, by code. The ones that every service has are there already. */
  readonly problems?: Readonly<Record<string, ProblemDefinition>>;
  /** Keyed `<name of the error class>.<its code>`: `StoreError.unavailable`. */
  readonly errors?: Readonly<Record<string, ErrorMapping | string>>;
}

/** An error as it will be answered. */
export interface Problem {
  readonly code: string;
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly ProblemFault[];
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, string | number | boolean>>;
  /** No rule knows the error: it is a bug, or a failure that nobody foresaw. */
  readonly unexpected: boolean;
}

/** The one place where an error becomes a status. Packages don't know HTTP; the app passes what their codes mean. */
export class ProblemRegistry {
  readonly problems: Readonly<Record<string, ProblemDefinition>>;
  private readonly errors: Readonly<Record<string, ErrorMapping>>;
  private readonly typeBase: string;

  /** @throws TypeError when a rule names a problem that is not defined. */
  constructor({ typeBase = 'urn:mooring:problem:', problems = {}, errors = {} }: ProblemRegistryOptions = {}) {
    this.typeBase = typeBase;
    this.problems = { ...RUNTIME_PROBLEMS, ...problems };
    this.errors = Object.fromEntries(
      Object.entries(errors).map(([key, rule]) => [key, typeof rule === 'string' ? { problem: rule } : rule]),
    );
    for (const [key, { problem }] of Object.entries(this.errors)) {
      if (!Object.hasOwn(this.problems, problem)) {
        throw new TypeError(`${key} is mapped to the problem ${problem}, which is not defined`);
      }
    }
  }

  /** The problem for an error, or undefined when no rule knows it. */
  find(error: unknown): Problem | undefined {
    if (error instanceof ProblemError) {
      return this.problem(error.code, {
        detail: error.message,
        errors: error.errors,
        headers: error.headers,
        members: error.members,
        retryAfterMs: error.retryAfterMs,
      });
    }
    if (!isError(error) || !('code' in error) || typeof error.code !== 'string') return undefined;
    const rule = this.errors[`${error.name}.${error.code}`];
    if (rule === undefined) return undefined;
    const retryAfterMs =
      'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
    return this.problem(rule.problem, {
      retryAfterMs,
      ...(rule.messageIsPublic === true ? { detail: error.message } : {}),
    });
  }

  /** The problem of a code; `internal_error` when the code is not defined. */
  problem(
    code: string,
    occurrence: {
      readonly detail?: string;
      readonly errors?: readonly ProblemFault[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly members?: Readonly<Record<string, string | number | boolean>>;
      readonly retryAfterMs?: number | undefined;
      readonly unexpected?: boolean;
    } = {},
  ): Problem {
    const defined = Object.hasOwn(this.problems, code) ? this.problems[code] : undefined;
    if (defined === undefined) return this.problem('internal_error', { unexpected: true });
    const retryAfter =
      occurrence.retryAfterMs === undefined
        ? defined.retryAfterSeconds
        : Math.max(1, Math.ceil(occurrence.retryAfterMs / 1000));
    const tellsWhen = retryAfter !== undefined && (defined.status === 503 || defined.status === 429);
    return {
      code,
      type: this.typeBase + code,
      status: defined.status,
      title: defined.title,
      detail: occurrence.detail ?? defined.detail,
      errors: occurrence.errors ?? [],
      headers: { ...(tellsWhen ? { 'retry-after': String(retryAfter) } : {}), ...occurrence.headers },
      members: occurrence.members ?? {},
      unexpected: occurrence.unexpected ?? false,
    };
  }
}

/** An answer stays small, however large the request is that it complains about. */
const MOST_FAULTS = 50;
const LONGEST_DETAIL = 8192;
const LONGEST_FAULT = 512;

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(/\p{Cs}$/u, '')}…`;
}

function shortFault(fault: ProblemFault): ProblemFault {
  const members = Object.entries(fault) as [string, string][];
  return Object.fromEntries(
    members.map(([name, text]) => [name, shortened(text, LONGEST_FAULT)]),
  ) as unknown as ProblemFault;
}

export function problemBody(problem: Problem, instance: string, requestId: string): ProblemDetails {
  const { type, title, status, code, members } = problem;
  const detail = shortened(problem.detail, LONGEST_DETAIL);
  const errors = problem.errors.slice(0, MOST_FAULTS).map(shortFault);
  return {
    ...members,
    type,
    title,
    status,
    code,
    detail,
    instance,
    requestId,
    ...(errors.length === 0 ? {} : { errors }),
  };
}

/** A Markdown table of the problems, for the reference. */
export function problemReference(registry: ProblemRegistry): string {
  const rows = Object.entries(registry.problems).map(
    ([code, { status, title, detail }]) => `| \`${code}\` | ${status} | ${title} | ${detail} |`,
  );
  return ['| code | status | title | what it says |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
