import { environment } from '@mooring/environment-config';
import type { z } from 'zod';

const { integer } = environment;
/** KiB times passes of the cheapest cost that OWASP names (7168 KiB, 5 passes). */
const LEAST_COST = 35_840;

/** The variables about passwords: the same in each service where one is chosen. */
export const passwordVariables = {
  MOORING_PASSWORD_MIN_LENGTH: integer({ min: 8, max: 64, unit: 'characters' })
    .default(15)
    .describe('The least characters of a password: 15 where it is all that a login takes (NIST SP 800-63B-4).'),
  MOORING_PASSWORD_MEMORY_KIB: integer({ min: 64, max: 1_048_576, unit: 'KiB' })
    .default(19_456)
    .describe('Memory of one argon2id hash. With the passes at least what OWASP names, or production is refused.'),
  MOORING_PASSWORD_PASSES: integer({ min: 1, max: 100 }).default(2).describe('Passes of one argon2id hash.'),
  MOORING_PASSWORD_LANES: integer({ min: 1, max: 64 }).default(1).describe('Lanes (parallelism) of one argon2id hash.'),
  MOORING_PASSWORDS_AT_ONCE: integer({ min: 1, max: 128 })
    .default(2)
    .describe('Passwords that are looked at at once. Each takes a thread of libuv, which has 4 (UV_THREADPOOL_SIZE).'),
  MOORING_PASSWORDS_WAITING: integer({ min: 0, max: 10_000 })
    .default(64)
    .describe('Passwords that may wait for that; beyond, logins are refused with 503.'),
};

/** What a schema with `passwordVariables` gives. */
export type PasswordVariables = z.output<z.ZodObject<typeof passwordVariables>>;

export interface PasswordFault {
  readonly variable: keyof PasswordVariables;
  readonly message: string;
}

/** What one variable asks of another: for the schema's `superRefine`. */
export function passwordFaults(
  values: PasswordVariables & { readonly NODE_ENV?: string | undefined },
): PasswordFault[] {
  const { MOORING_PASSWORD_MEMORY_KIB: memoryKib, MOORING_PASSWORD_LANES: lanes } = values;
  const variable = 'MOORING_PASSWORD_MEMORY_KIB';
  const faults: PasswordFault[] = [];
  if (memoryKib < 8 * lanes)
    faults.push({ variable, message: 'must be at least 8 for each of MOORING_PASSWORD_LANES' });
  if (values.NODE_ENV === 'production' && memoryKib * values.MOORING_PASSWORD_PASSES < LEAST_COST) {
    const message = `times MOORING_PASSWORD_PASSES must be at least ${LEAST_COST} in production`;
    faults.push({ variable, message });
  }
  return faults;
}

export interface PasswordOptions {
  readonly minLength: number;
  readonly cost: { readonly memoryKib: number; readonly passes: number; readonly lanes: number };
  readonly atOnce: number;
  readonly maxWaiting: number;
}

/** Options of `passwordFault` and of `PasswordHasher`. */
export function passwordOptionsOf(values: PasswordVariables): PasswordOptions {
  return {
    minLength: values.MOORING_PASSWORD_MIN_LENGTH,
    cost: {
      memoryKib: values.MOORING_PASSWORD_MEMORY_KIB,
      passes: values.MOORING_PASSWORD_PASSES,
      lanes: values.MOORING_PASSWORD_LANES,
    },
    atOnce: values.MOORING_PASSWORDS_AT_ONCE,
    maxWaiting: values.MOORING_PASSWORDS_WAITING,
  };
}
