import type { StoreCapabilities } from './backend.ts';
import { StoreError } from './errors.ts';
import { decodeCursor } from './page-cursor.ts';
import type { PageRequest } from './page.ts';
import type { Digest, SessionData } from './session.ts';

/** 400 days, the longest a browser keeps a cookie (RFC 6265bis). */
export const LONGEST_LIFETIME_MS = 34_560_000_000;
const LONGEST_TEXT = 256;
const DIGEST = /^[A-Za-z0-9_-]{43}$/;
/** Control characters and lone surrogates: what some backend can't store. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

/** In JSON: an escape, and not a backslash in the text before `u0000`. */
const NUL = /(?<!\\)(?:\\\\)*\\u0000/;

/** What an argument must be, whatever operation it is of. */
export class ArgumentChecks {
  constructor(
    private readonly backend: string,
    private readonly capabilities: StoreCapabilities,
  ) {}

  text(operation: string, name: string, value: string): void {
    if (typeof value !== 'string' || value.length === 0 || value.length > LONGEST_TEXT || UNSTORABLE.test(value)) {
      throw this.invalid(operation, `${name} must be 1 to ${LONGEST_TEXT} characters without control characters`);
    }
  }

  duration(operation: string, name: string, value: number, least = 1): void {
    this.integer(operation, name, value, least, LONGEST_LIFETIME_MS, ' milliseconds');
  }

  integer(operation: string, name: string, value: number, least: number, most: number, unit = ''): void {
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw this.invalid(operation, `${name} must be a whole number from ${least} to ${most}${unit}`);
    }
  }

  digest(operation: string, name: string, value: Digest): void {
    if (typeof value !== 'string' || !DIGEST.test(value)) {
      throw this.invalid(operation, `${name} must be a SHA-256 digest in base64url, 43 characters`);
    }
  }

  data(operation: string, data: SessionData): string {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw this.invalid(operation, 'data must be a plain JSON object');
    }
    let json: string | undefined;
    try {
      json = JSON.stringify(data) as string | undefined;
    } catch (cause) {
      throw this.invalid(operation, 'data must be JSON: no cycles and no BigInt', cause);
    }
    if (json?.startsWith('{') !== true) throw this.invalid(operation, 'data must be a plain JSON object');
    if (json.includes(String.raw`\u0000`) && NUL.test(json))
      throw this.invalid(operation, 'data must not hold the character U+0000');
    const bytes = Buffer.byteLength(json);
    if (bytes > this.capabilities.maxDataBytes) {
      throw new StoreError({
        code: 'too_large',
        backend: this.backend,
        operation,
        message: `data is ${bytes} bytes, the limit is ${this.capabilities.maxDataBytes}; keep a reference to it instead`,
      });
    }
    return json;
  }

  page(operation: string, page: PageRequest): void {
    this.integer(operation, 'limit', page.limit, 1, 1000);
  }

  /** Where a page of the list starts: what its cursor says, in parts of the types of `start`, or `start` itself. */
  position<P extends readonly (string | number)[]>(operation: string, list: string, page: PageRequest, start: P): P {
    this.page(operation, page);
    if (page.cursor === undefined) return start;
    const position = typeof page.cursor === 'string' ? decodeCursor(list, page.cursor) : undefined;
    const fits =
      position?.length === start.length &&
      position.every(
        (part, index) =>
          typeof part === typeof start[index] && (typeof part === 'string' || Number.isSafeInteger(part)),
      );
    if (!fits) throw this.invalid(operation, 'cursor is not one of this list; take it from the page before');
    return position as readonly (string | number)[] as P;
  }

  invalid(operation: string, message: string, cause?: unknown): StoreError {
    return new StoreError({ code: 'invalid_argument', backend: this.backend, operation, message, cause });
  }
}
