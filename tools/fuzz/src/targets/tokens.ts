import assert from 'node:assert/strict';
import { AuthTokens, TrustedProxies, addressKey } from '@mooring/auth-tokens';
import type { SessionStore } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { constant, oneof, tuple } from 'fast-check';
import { readCorpus } from '../corpus.ts';
import type { OpenTarget, Target } from '../target.ts';

const OWNER = { tenantId: 'acme', subjectId: 'ann' };

/** How often sessions were asked for anything. */
function counted(sessions: SessionStore): { readonly sessions: SessionStore; readonly asked: () => number } {
  let asked = 0;
  const counting = new Proxy(sessions, {
    get(target, name) {
      asked += 1;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  return { sessions: counting, asked: () => asked };
}

async function open(): Promise<OpenTarget> {
  const memory = createMemoryStore();
  const { sessions, asked } = counted(memory.sessions);
  const tokens = new AuthTokens({ sessions });
  const issued = await tokens.issue(OWNER);
  assert.ok(issued.ok);
  const { token } = issued.value;
  const proxies = new TrustedProxies(['10.0.0.0/8', '::1']);
  return {
    inputs: (mutations) =>
      oneof(
        mutations,
        tuple(mutations, constant(token)).map(([text, good]) => text.replace('TOKEN', good)),
      ),
    async check(input) {
      const before = asked();
      const verified = await tokens.verify(input);
      if (input === token) return assert.ok(verified.ok, 'a good token is refused');
      assert.ok(!verified.ok, 'a token that nobody issued is good');
      assert.equal(verified.reason, 'invalid');
      assert.ok(asked() === before || input.split('.').length === 3, 'junk reached the store');
      const rotated = await tokens.rotate(input);
      assert.ok(!rotated.ok, 'a token that nobody issued has a successor');
      const key = addressKey(input);
      assert.match(key, /^(unknown|[\da-f.:]+(\/64)?)$/, 'an address has a key of its own kind');
      proxies.clientOf('10.0.0.1', input);
      assert.ok((await tokens.verify(token)).ok, 'a good token went bad meanwhile');
    },
    read: (input) => [addressKey(input), proxies.clientOf('10.0.0.1', input)],
    close: () => memory.close(),
  };
}

export const tokensTarget: Target = {
  name: 'tokens',
  summary: 'the token parser and verification, and the addresses of clients',
  corpus: readCorpus('tokens'),
  testRuns: 500,
  open,
};
