import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Logger } from '@mooring/nest-runtime';
import { StoreError } from '@mooring/session-store';
import { UserDatabaseError } from '@mooring/users';
import type { SessionEnds } from '@mooring/users';

/** Whoever changed the user less than `olderThanMs` ago is still at it. */
const DEFAULTS = { everyMs: 15_000, olderThanMs: 10_000 };

/** Makes up for sessions that should have ended with a change of their user, where a process or the store failed then. */
export class SessionEndsTimer implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly ends: Pick<SessionEnds, 'finish'>,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
    private readonly times = DEFAULTS,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.finish());
    }, this.times.everyMs);
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async finish(): Promise<void> {
    try {
      const users = await this.ends.finish(this.times.olderThanMs);
      if (users > 0) this.logger.info({ users }, 'Ended sessions of users who were changed');
    } catch (error) {
      const code = error instanceof UserDatabaseError || error instanceof StoreError ? error.code : 'unknown';
      this.logger.warn({ code }, 'Could not look for sessions of changed users; it is tried again');
    }
  }
}
