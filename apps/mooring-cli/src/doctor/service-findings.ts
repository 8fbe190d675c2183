import { serviceUrl } from '../services/service-url.ts';
import { failed, ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';

interface Readiness {
  readonly status?: string;
  readonly checks?: Readonly<Record<string, IndicatorReport>>;
}

interface IndicatorReport {
  readonly status?: string;
  readonly reason?: string;
  readonly details?: { readonly copies?: string; readonly copiesReason?: string };
}

const PATIENCE_MS = 10_000;

/** What a running service says of itself: its own breaker of copies, for one, is known to nobody else. */
export async function serviceFindings(url: string): Promise<Finding[]> {
  const check = 'service';
  const base = serviceUrl(url);
  let readiness: Readiness;
  try {
    const response = await fetch(new URL('health/ready', base), {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    readiness = (await response.json()) as Readiness;
  } catch {
    return [failed(check, `${url} does not answer`, 'start the service, look at its log, or correct the URL')];
  }
  const reports = Object.entries(readiness.checks ?? {});
  const down = reports.filter(([, { status }]) => status !== 'up');
  if (readiness.status !== 'up' && down.length === 0) {
    return [failed(check, `${url} does not say that it is ready`, 'is it a service of Mooring? Look at its log')];
  }
  const degraded = reports.filter(([, { details }]) => details?.copies === 'degraded');
  return [
    ...down.map(([name, { reason = 'down' }]) =>
      failed(
        check,
        `${url}, ${name}: ${reason}`,
        'mend what it needs; npx mooring doctor in its environment says what',
      ),
    ),
    ...degraded.map(([name, { details }]) =>
      warning(
        check,
        `${url}, ${name}: no copies in Redis are used (${details?.copiesReason ?? 'unknown'})`,
        'mend Redis; the service uses it again by itself within seconds',
      ),
    ),
    ...(down.length + degraded.length === 0 ? [ok(check, `${url} is ready`)] : []),
  ];
}
