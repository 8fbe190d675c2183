import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AuthTokens } from '@mooring/auth-tokens';
import type { ServiceProcess } from '@mooring/services';
import { client } from '../stack.fixture.ts';
import type { Answer } from '../stack.fixture.ts';

type Body = Readonly<Record<string, unknown>>;

/** Logs users in as the auth API does. */
export function logins(tokens: AuthTokens) {
  return async (subjectId: string, tenantId: string, role = 'dba'): Promise<string> => {
    const issued = await tokens.issue({ tenantId, subjectId, claims: { role } });
    if (!issued.ok) throw new Error(issued.reason);
    return issued.value.token;
  };
}

/** A caller of `/v1/sql`. */
export function sqlClient(service: Pick<ServiceProcess, 'url'>, token: string) {
  const { ask } = client(service, token);
  const post = (body: Body | string): Promise<Answer> =>
    ask('POST', '/v1/sql', typeof body === 'string' ? { sql: body } : body);
  return {
    ask,
    post,
    /** Rows of the last statement of one that must not fail. */
    rows: async (body: Body | string): Promise<unknown> => {
      const answer = await post(body);
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      return (answer.body['results'] as { rows: unknown }[]).at(-1)?.rows;
    },
    stream: (body: Body, accept: string, signal?: AbortSignal): Promise<Response> =>
      fetch(`${service.url}/v1/sql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
    /** The answer unread: nothing is taken from its socket beyond what Node reads ahead. */
    unread: (body: Body, accept: string): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept };
        request(`${service.url}/v1/sql`, { method: 'POST', headers }, resolve)
          .on('error', reject)
          .end(JSON.stringify(body));
      }),
    open: async (body: Body = {}): Promise<string> => String((await ask('POST', '/v1/sql/sessions', body)).body['id']),
  };
}

/** The value of a metric without labels of its own. */
export async function metric({ url }: Pick<ServiceProcess, 'url'>, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}{`) || candidate.startsWith(`${name} `));
  return Number(line?.slice(line.lastIndexOf(' ') + 1));
}

/** Asks again until it is so. The test's own time limit ends it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
