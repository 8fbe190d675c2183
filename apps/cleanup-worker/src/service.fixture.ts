import { AuthTokens } from '@mooring/auth-tokens';
import type { RunningService } from '@mooring/nest-runtime';
import type { Clock, StoreBackend } from '@mooring/session-store';
import { serve } from './serve.ts';
import { startShared } from './store.fixture.ts';
import type { SharedServer } from './store.fixture.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A worker in this process, so that its clock can be moved, over a PostgreSQL that others share. */
export interface Service {
  readonly server: SharedServer;
  readonly auth: StoreBackend;
  readonly tokens: AuthTokens;
  ask(method: string, path: string, asked?: { readonly role?: string; readonly body?: unknown }): Promise<Answer>;
  /** Runs a task on request. The run is there when it is over, however long that takes. */
  run(task: string, body?: unknown, role?: string): Promise<Answer>;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

export async function startService(clock: Clock, change: Readonly<Record<string, string>> = {}): Promise<Service> {
  const server = await startShared('postgres');
  const auth = await server.open('auth');
  const tokens = new AuthTokens({ sessions: auth.sessions });
  const env = {
    ...server.env,
    MOORING_PORT: '0',
    MOORING_LOG_LEVEL: 'silent',
    MOORING_SCHEDULE_JITTER_SECONDS: '0',
    ...change,
  };
  const service: RunningService = await serve(env, { handleSignals: false, clock });
  const issued = new Map<string, string>();
  const tokenOf = async (role: string): Promise<string> => {
    const known = issued.get(role);
    if (known !== undefined) return known;
    const token = await tokens.issue({ tenantId: 'acme', subjectId: `a-${role}`, claims: { role } });
    if (!token.ok) throw new Error(token.reason);
    issued.set(role, token.value.token);
    return token.value.token;
  };
  const ask: Service['ask'] = async (method, path, { role, body } = {}) => {
    const response = await fetch(service.url + path, {
      method,
      headers: {
        ...(role === undefined ? {} : { authorization: `Bearer ${await tokenOf(role)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const run: Service['run'] = async (task, body, role = 'system') => {
    const answer = await ask('POST', `/tasks/${task}/run`, { role, body });
    if (answer.status !== 202) return answer;
    for (;;) {
      const { body: list } = await ask('GET', `/tasks/${task}/runs`, { role });
      const found = (list['runs'] as Record<string, unknown>[]).find(({ id }) => id === answer.body['id']);
      if (found !== undefined && found['status'] !== 'running') return { status: 200, body: found };
    }
  };
  return {
    server,
    auth,
    tokens,
    ask,
    run,
    metrics: async () => (await fetch(`${service.url}/metrics`)).text(),
    stop: async () => {
      await service.close();
      await server.stop();
    },
  };
}
