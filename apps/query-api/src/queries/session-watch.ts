import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { AUTH_NAMESPACE } from '@mooring/nest-access';
import { storeToken } from '@mooring/nest-session-store';
import type { SessionRef, StoreBackend } from '@mooring/session-store';
import type { Principal } from '../api-tokens.ts';

/** Within so long after a session was ended, the statements that it started are asked to stop. */
const LOOK_EVERY_MS = 5000;

interface Watched extends SessionRef {
  readonly ended: Set<() => void>;
}

/**
 * Looks whether the sessions that started what is running here are still good: who was logged out, disabled or given
 * another role must not have statements running. A session that only ran out does not count: its statements were allowed.
 */
@Injectable()
export class SessionWatch implements OnApplicationShutdown {
  private readonly logger = new Logger(SessionWatch.name);
  private readonly sessions = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(@Inject(storeToken(AUTH_NAMESPACE)) private readonly store: StoreBackend) {}

  /** Calls `ended` once when the caller's session was ended, until the answer is called. */
  watch({ tenantId, sessionId }: Principal, ended: () => void): () => void {
    if (sessionId === undefined) return () => {};
    const key = `${tenantId}/${sessionId}`;
    const watched = this.sessions.get(key) ?? { tenantId, id: sessionId, ended: new Set() };
    this.sessions.set(key, watched);
    watched.ended.add(ended);
    this.timer ??= setInterval(() => {
      this.looking = this.look();
    }, LOOK_EVERY_MS).unref();
    return () => {
      watched.ended.delete(ended);
      if (watched.ended.size === 0) this.sessions.delete(key);
      if (this.sessions.size === 0) this.stop();
    };
  }

  async onApplicationShutdown(): Promise<void> {
    this.stop();
    await this.looking;
  }

  private async look(): Promise<void> {
    try {
      for (const { tenantId, id, ended } of [...this.sessions.values()]) {
        const found = await this.store.sessions.get({ tenantId, id });
        if (!found.ok && found.reason === 'revoked') for (const end of [...ended]) end();
      }
    } catch {
      this.logger.warn('Whether sessions with running statements were ended could not be seen; looking again');
    }
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
