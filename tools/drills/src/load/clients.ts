import { performance } from 'node:perf_hooks';
import { askPod } from '@mooring/e2e';
import type { Answer, Asked, Fleet } from '@mooring/e2e';
import type { ServiceProcess } from '@mooring/services';
import { judgeAnswer } from './documented.ts';
import type { Ledger } from './ledger.ts';

/** A service that does not answer for so long hangs. */
const HANGS_AFTER_MS = 90_000;

export type ServiceName = 'auth' | 'query' | 'worker';

export interface Clients {
  readonly fleets: Readonly<Record<ServiceName, Fleet>>;
  readonly ledger: Ledger;
  /** Whether a drill ended this pod: what it was asked has no answer then. */
  readonly wasKilled: (pod: ServiceProcess) => boolean;
}

/** Sends a request to the next pod. Undefined when the answer was a refusal, or none; what must not be is in the ledger. */
export async function ask(
  { fleets, ledger, wasKilled }: Clients,
  [service, method, path]: readonly [ServiceName, string, string],
  asked: Asked,
  expected: readonly number[],
): Promise<Answer | undefined> {
  const pod = fleets[service].next();
  const route = `${method} ${path.split('?')[0]?.replace(/\/v1\/queries\/.*/, '/v1/queries/{id}') ?? ''}`;
  const sentAt = performance.now();
  try {
    const answer = await askPod(pod, method, path, { timeoutMs: HANGS_AFTER_MS, ...asked });
    const said = `${answer.status}${typeof answer.body['code'] === 'string' ? ` ${answer.body['code']}` : ''}`;
    ledger.answered(said);
    const judgement = judgeAnswer(answer, expected);
    if (judgement === 'undocumented')
      ledger.faults.push(`${route} was answered ${answer.status} ${answer.text.slice(0, 300)}`);
    return judgement === 'good' ? answer : undefined;
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: { readonly message: string } };
    ledger.answered('no answer');
    if (!wasKilled(pod)) {
      const afterMs = Math.round(performance.now() - sentAt);
      ledger.faults.push(
        `${route} had no answer after ${afterMs} ms: ${message}${cause === undefined ? '' : `: ${cause.message}`}`,
      );
    }
    return undefined;
  }
}

/** Asks a pod whether the token is good, and notes an answer that contradicts what was acknowledged before. */
export async function verify(clients: Clients, token: string, service: 'auth' | 'query'): Promise<boolean> {
  const { ledger } = clients;
  const before = ledger.tokens.get(token);
  const path = service === 'auth' ? '/auth/me' : '/v1/queries?limit=1';
  const answer = await ask(clients, [service, 'GET', path], { token }, [200, 401]);
  if (answer === undefined) return false;
  const stillSo = ledger.tokens.get(token) === before;
  if (stillSo && before === 'live' && answer.status === 401) {
    ledger.faults.push(`a live token is refused by ${service}: ${String(answer.body['code'])}`);
  }
  if (before === 'dead' && answer.status === 200) ledger.faults.push(`a token that was ended is good at ${service}`);
  return true;
}
