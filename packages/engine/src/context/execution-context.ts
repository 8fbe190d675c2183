import type { EpochMs } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import type { CancelSignal } from './cancellation.ts';
import { EngineContext } from './engine-context.ts';
import { ANONYMOUS_USER_ID } from './principal.ts';
import type { Principal } from './principal.ts';

/** What a request says of itself, beside who sends it. */
export interface RequestDetails {
  readonly namespace?: string;
  readonly requestId?: string;
  readonly clientAddress?: string;
  /** Ends what the request began. */
  readonly signal?: CancelSignal;
}

/**
 * One request: who, where, since when. It points at the engine of the process and holds nothing that is worth sharing or
 * cleaning up; it is frozen, so what a statement sets can't reach another request through it.
 */
export class ExecutionContext {
  readonly engine: EngineContext;
  readonly principal: Principal;
  /** Of names without one. */
  readonly namespace: string | undefined;
  readonly requestId: string | undefined;
  readonly clientAddress: string | undefined;
  readonly startedAt: EpochMs;
  readonly signal: CancelSignal | undefined;

  private constructor(engine: EngineContext, principal: Principal, details: RequestDetails) {
    if (!(engine instanceof EngineContext)) {
      throw new EngineError({ code: 'misconfigured', message: 'an ExecutionContext needs the EngineContext' });
    }
    engine.assertOpen();
    this.engine = engine;
    this.principal = Object.isFrozen(principal) ? principal : Object.freeze({ ...principal });
    this.namespace = details.namespace;
    this.requestId = details.requestId;
    this.clientAddress = details.clientAddress;
    this.startedAt = engine.clock.now();
    this.signal = details.signal;
    Object.freeze(this);
  }

  /** @throws EngineError `misconfigured` without the engine, `unavailable` when it is closed */
  static create(engine: EngineContext, principal: Principal): ExecutionContext {
    return new ExecutionContext(engine, principal, NO_DETAILS);
  }

  /** @throws EngineError */
  static inNamespace(engine: EngineContext, principal: Principal, namespace: string): ExecutionContext {
    return new ExecutionContext(engine, principal, { namespace });
  }

  /** With what an audit event says of the request. @throws EngineError */
  static withAudit(engine: EngineContext, principal: Principal, details: RequestDetails): ExecutionContext {
    return new ExecutionContext(engine, principal, details);
  }

  /** Of somebody unknown, in a tenant: reads its public tables at most. @throws EngineError */
  static anonymous(engine: EngineContext, tenantId: string, details: RequestDetails = NO_DETAILS): ExecutionContext {
    return new ExecutionContext(engine, { tenantId, userId: ANONYMOUS_USER_ID, role: 'anonymous' }, details);
  }
}

const NO_DETAILS: RequestDetails = {};
