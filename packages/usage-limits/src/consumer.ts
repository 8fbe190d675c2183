import { UsageLimitError } from './errors.ts';

/** Whose use is counted. A tenant always is known; of the others, those that a policy is about. */
export interface Consumer {
  readonly tenantId: string;
  readonly session?: string;
  readonly user?: string;
  /** As `addressKey` of `@mooring/auth-tokens` makes it: one host has many IPv6 addresses. */
  readonly ip?: string;
}

export type ConsumerScope = 'session' | 'user' | 'ip' | 'tenant';

/** From the narrowest: what one session does too much of is not held against its whole tenant. */
const NARROWEST_FIRST: readonly ConsumerScope[] = ['session', 'user', 'ip', 'tenant'];

export function narrowestFirst<P extends { readonly scope: ConsumerScope }>(policies: readonly P[]): P[] {
  return [...policies].sort(
    (left, right) => NARROWEST_FIRST.indexOf(left.scope) - NARROWEST_FIRST.indexOf(right.scope),
  );
}

/** Names one count of one policy: `<policy>:<scope>:<who>`. @throws UsageLimitError */
export function countName(
  { name, scope }: { readonly name: string; readonly scope: ConsumerScope },
  consumer: Consumer,
): string {
  if (scope === 'tenant') return `${name}:tenant`;
  const who = consumer[scope];
  if (who === undefined) throw new UsageLimitError(`policy ${name} counts by ${scope}, and the caller gives none`);
  return `${name}:${scope}:${who}`;
}

/** @throws UsageLimitError */
export function checkPolicies(policies: readonly { readonly name: string; readonly scope: ConsumerScope }[]): void {
  if (policies.length === 0) throw new UsageLimitError('there must be a policy');
  const seen = new Set<string>();
  for (const { name, scope } of policies) {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
      throw new UsageLimitError('the name of a policy must be 1 to 32 lower-case letters, digits and dashes');
    }
    if (!NARROWEST_FIRST.includes(scope)) {
      throw new UsageLimitError(`scope must be one of ${NARROWEST_FIRST.join(', ')}`);
    }
    if (seen.has(`${name}:${scope}`)) throw new UsageLimitError(`policy ${name} by ${scope} is there twice`);
    seen.add(`${name}:${scope}`);
  }
}
