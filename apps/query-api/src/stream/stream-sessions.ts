import type { Principal as TokenHolder } from '@mooring/auth-tokens';
import type { SessionStore } from '@mooring/session-store';
import { callerOf } from '../authentication.ts';

/**
 * Sessions in use by connections. They are known by their ids: a token that was replaced meanwhile must not be shown
 * again, since that ends its session.
 */
export class StreamSessions {
  constructor(
    private readonly store: SessionStore,
    private readonly minIntervalMs = 60_000,
  ) {}

  /** Notes a use, and says whether the session is still good. One round trip; tokens of the configuration never end. */
  async use(holder: TokenHolder): Promise<boolean> {
    if (callerOf(holder).sessionId === undefined) return true;
    const { tenantId, id } = holder;
    const { minIntervalMs } = this;
    return (await this.store.touch({ tenantId, id }, { minIntervalMs })).ok;
  }
}
