import { EngineError } from '@mooring/engine';
import { ConfigError } from '@mooring/environment-config';
import type { ConfigFault } from '@mooring/environment-config';
import { StoreSelectionError } from '@mooring/nest-session-store';
import { DataApiError } from '@mooring/redshift-sessions';
import { StoreError } from '@mooring/session-store';
import { UserDatabaseError } from '@mooring/users';
import { CommandError, EXIT } from './errors.ts';
import type { ExitCode } from './errors.ts';

/** How a command failed, as it is printed with `--json`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly faults?: readonly ConfigFault[];
}

const DOCTOR = 'npx mooring doctor says what is wrong';

export function failureOf(error: unknown): Failure {
  if (error instanceof ConfigError) return { code: error.code, message: error.message, faults: error.faults };
  if (error instanceof StoreSelectionError) return { code: error.code, message: error.message };
  if (error instanceof StoreError && error.code === 'invalid_argument') {
    return { code: 'wrong_usage', message: error.message };
  }
  if (error instanceof StoreError) return { code: `store_${error.code}`, message: error.message, remedy: DOCTOR };
  if (error instanceof UserDatabaseError)
    return { code: `users_${error.code}`, message: error.message, remedy: DOCTOR };
  if (error instanceof EngineError) return { code: `catalog_${error.code}`, message: error.message, remedy: DOCTOR };
  if (error instanceof DataApiError) {
    return { code: `warehouse_${error.failure}`, message: error.message, remedy: DOCTOR };
  }
  if (error instanceof CommandError) {
    const { code, message, remedy } = error;
    return { code, message, ...(remedy === undefined ? {} : { remedy }) };
  }
  return { code: 'internal_error', message: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' };
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof StoreError) return error.code === 'invalid_argument' ? EXIT.wrongUsage : EXIT.failed;
  return error instanceof ConfigError || error instanceof StoreSelectionError ? EXIT.wrongUsage : EXIT.failed;
}

export function shownFailure({ message, remedy }: Failure): string {
  return `${message}${remedy === undefined ? '' : `\nRemedy: ${remedy}.`}`;
}
