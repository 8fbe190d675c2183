import { describe, expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';
import type { EngineContext } from './engine-context.ts';
import { ExecutionContext } from './execution-context.ts';
import type { Principal } from './principal.ts';

const ann: Principal = { tenantId: 'acme', userId: 'ann', role: 'user' };

describe('ExecutionContext', () => {
  const { engine, clock } = new World();

  it('is made in four ways, each on the shared engine', () => {
    const { signal } = new AbortController();
    const details = { namespace: 'sales', requestId: 'r1', clientAddress: '192.0.2.1', signal };
    const none = { namespace: undefined, requestId: undefined, clientAddress: undefined, signal: undefined };
    const startedAt = clock.now();
    const contexts = [
      [ExecutionContext.create(engine, ann), { principal: ann, ...none }],
      [ExecutionContext.inNamespace(engine, ann, 'sales'), { principal: ann, ...none, namespace: 'sales' }],
      [ExecutionContext.withAudit(engine, ann, details), { principal: ann, ...details }],
      [
        ExecutionContext.anonymous(engine, 'acme'),
        { principal: { tenantId: 'acme', userId: 'anonymous', role: 'anonymous' }, ...none },
      ],
    ] as const;
    for (const [context, expected] of contexts) {
      expect(Object.fromEntries(Object.entries(context))).toEqual({ ...expected, startedAt, engine });
      expect(context.engine).toBe(engine);
    }
  });

  it.each<unknown>([undefined, null, {}, 'engine'])('is not made with %p for an engine', (none) => {
    expect(() => ExecutionContext.create(none as EngineContext, ann)).toThrow(/needs the EngineContext/);
  });

  it('is frozen, with who it is about', () => {
    const given = { ...ann };
    const context = ExecutionContext.create(engine, given);
    expect(Object.isFrozen(context) && Object.isFrozen(context.principal)).toBe(true);
    (given as { role: string }).role = 'system';
    expect(context.principal.role).toBe('user');
    expect(() => {
      (context as { namespace: string | undefined }).namespace = 'other';
    }).toThrow(TypeError);
  });

  it('has seven fields and holds nothing of its own but who it is about', () => {
    const context = ExecutionContext.inNamespace(engine, Object.freeze({ ...ann }), 'sales');
    expect(Object.keys(context)).toEqual([
      'engine',
      'principal',
      'namespace',
      'requestId',
      'clientAddress',
      'startedAt',
      'signal',
    ]);
    const owned = Object.values(context).filter((value) => typeof value === 'object' && value !== engine);
    expect(owned).toEqual([ann]);
    expect(Object.getOwnPropertySymbols(context)).toEqual([]);
  });
});
