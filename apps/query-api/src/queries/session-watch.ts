import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { AUTH_NAMESPACE } from '@mooring/nest-access';
import { storeToken } from '@mooring/nest-session-store';
import type { SessionRef, StoreBackend } from '@mooring/session-store';
import type { Principal } from '../api-tokens.ts';

/** Within so long after a session ended, what it started here learns of it. */
const LOOK_EVERY_MS = 5000;

/** How a session ended: somebody ended it, or its time did. */
export type SessionEnd = 'revoked' | 'expired';

interface Watched extends SessionRef {
  readonly ended: Set<(end: SessionEnd) => void>;
}

/** Looks whether sessions that have something running here are still good, without keeping them alive by that. */
@Injectable()
export class SessionWatch implements OnApplicationShutdown {
  private readonly logger = new Logger(SessionWatch.name);
  private readonly sessions = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(@Inject(storeToken(AUTH_NAMESPACE)) private readonly store: StoreBackend) {}

  /** Calls `ended` when the caller's session has, until the answer is called. Tokens of the configuration never end. */
  watch({ tenantId, sessionId }: Principal, ended: (end: SessionEnd) => void): () => void {
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
        if (found.ok) continue;
        const end = found.reason === 'revoked' ? 'revoked' : 'expired';
        for (const tell of [...ended]) tell(end);
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
