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
  readonly details?: { readonly copies?: string; readonly copiesReason?: string; readonly store?: string };
}

const PATIENCE_MS = 10_000;

interface SeenService {
  readonly url: string;
  readonly findings: readonly Finding[];
  /** Of its store; undefined where it does not say. */
  readonly mark?: string | undefined;
}

const check = 'service';

/** What running services say of themselves, and whether they share a store: no one of them can know that. */
export async function serviceFindings(urls: readonly string[]): Promise<Finding[]> {
  const seen = await Promise.all(urls.map(serviceAt));
  return [...seen.flatMap(({ findings }) => findings), ...sharingFindings(seen)];
}

function sharingFindings(seen: readonly SeenService[]): Finding[] {
  const marked = seen.filter(({ mark }) => mark !== undefined);
  const [first, ...others] = marked;
  if (first === undefined || others.length === 0) return [];
  const apart = others.filter(({ mark }) => mark !== first.mark);
  if (apart.length === 0) return [ok('shared-store', `${marked.length} services are told of the same store`)];
  return [
    warning(
      'shared-store',
      `${apart.map(({ url }) => url).join(', ')} and ${first.url} are told of different stores: a user of one may be unknown to the other`,
      'give all of them the same MOORING_SESSION_STORE, DATABASE_URL and REDIS_URL, in the same words',
    ),
  ];
}

async function serviceAt(url: string): Promise<SeenService> {
  const base = serviceUrl(url);
  let readiness: Readiness;
  try {
    const response = await fetch(new URL('health/ready', base), {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    readiness = (await response.json()) as Readiness;
  } catch {
    const finding = failed(check, `${url} does not answer`, 'start the service, look at its log, or correct the URL');
    return { url, findings: [finding] };
  }
  const reports = Object.entries(readiness.checks ?? {});
  const down = reports.filter(([, { status }]) => status !== 'up');
  if (readiness.status !== 'up' && down.length === 0) {
    const remedy = 'is it a service of Mooring? Look at its log';
    return { url, findings: [failed(check, `${url} does not say that it is ready`, remedy)] };
  }
  const degraded = reports.filter(([, { details }]) => details?.copies === 'degraded');
  const findings = [
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
  return { url, findings, mark: reports.map(([, { details }]) => details?.store).find((mark) => mark !== undefined) };
}
