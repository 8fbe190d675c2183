/** How one dependency is. `reason` and `details` are shown to whoever may reach the service: nothing secret. */
export interface HealthReport {
  readonly status: 'up' | 'down';
  readonly reason?: string;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * A dependency that readiness asks about. Provide it under this token, in any module; all of them are found. Rejecting
 * counts as down, and so does taking longer than `timeoutMs` (default 2000).
 */
export interface HealthIndicator {
  readonly name: string;
  readonly timeoutMs?: number;
  check(signal: AbortSignal): Promise<HealthReport>;
}

export const HealthIndicator = Symbol('HealthIndicator');
