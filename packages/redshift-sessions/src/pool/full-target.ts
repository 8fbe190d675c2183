import type { CancelTimer, EpochMs } from '@mooring/session-store';
import { jittered } from '../random.ts';
import { listSlots } from './pool-slots.ts';
import type { PoolParts } from './pool-parts.ts';

const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 500;
/** A part of the target's slots, over all processes: closing sessions are of no use to anybody, but count. */
const MOST_CLOSING = 0.25;
const LOOK_EVERY_MS = 500;
/** Slots of closing sessions come free one after the other, within `drainMs`. */
const LOOK_AGAIN_MS = 5_000;

/**
 * What a process does about a target that has no room. The keys that wait for it ask one after the other: a full target
 * costs the store a question per interval and process, however many keys wait. And it says when a session may be closed to
 * make room: with a slot that counts for `drainMs` after that, too many of them leave no session to use.
 */
export class FullTarget {
  private readonly waiting = new Set<() => boolean>();
  private retryMs = FIRST_RETRY_MS;
  private cancelTimer: CancelTimer | undefined;
  private lookAt: EpochMs = 0;

  constructor(
    private readonly target: string,
    private readonly parts: Pick<PoolParts, 'store' | 'clock' | 'options' | 'random'>,
  ) {}

  /** `turn` asks the store again; false when nobody waits there any more. */
  join(turn: () => boolean): CancelTimer {
    this.waiting.add(turn);
    this.arm();
    return () => {
      this.waiting.delete(turn);
      if (this.waiting.size === 0) this.stop();
    };
  }

  /** A slot was free: there may be more. */
  found(): void {
    this.retryMs = FIRST_RETRY_MS;
    this.stop();
    this.arm();
  }

  stillFull(): void {
    this.retryMs = Math.min(LONGEST_RETRY_MS, this.retryMs * 2);
  }

  /** Whether one more session may be closed: a look at the store for each, so that processes share the bound. */
  async mayClose(): Promise<boolean> {
    const { store, clock, options, random } = this.parts;
    const now = clock.now();
    if (now < this.lookAt) return false;
    this.lookAt = now + LOOK_EVERY_MS;
    let closing = 0;
    for await (const { state } of listSlots(store, { target: this.target })) if (state === 'draining') closing += 1;
    const isEnough = closing >= Math.max(1, Math.floor(options.maxSessionsPerTarget * MOST_CLOSING));
    if (isEnough) this.lookAt = now + jittered(Math.min(LOOK_AGAIN_MS, options.drainMs), random);
    return !isEnough;
  }

  private arm(): void {
    if (this.waiting.size === 0) return;
    const { clock, random } = this.parts;
    this.cancelTimer ??= clock.after(jittered(this.retryMs, random), () => {
      this.cancelTimer = undefined;
      for (const turn of this.waiting) {
        this.waiting.delete(turn);
        if (turn()) break;
      }
      this.arm();
    });
  }

  private stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }
}
