import type { SessionCopies } from '@mooring/session-store';
import type { Accelerator } from '../accelerator/accelerator.ts';
import type { AuthorityTime } from '../authority-time.ts';
import { contended } from '../errors.ts';
import type { Telling } from '../observer.ts';
import { ageOf, momentOf } from '../timer.ts';
import type { Moment, Timer } from '../timer.ts';
import { Claims } from './claims.ts';
import { LONGEST_STALENESS_MS } from './epoch-record.ts';
import type { Epoch, EpochRecord } from './epoch-record.ts';

/** What lets a call believe copies. */
export interface Pass {
  readonly epoch: string;
  readonly interruptions: number;
}

/** What this process knows of the epoch. */
interface View {
  readonly epoch: Epoch;
  /** Before the authority was asked: what it answered was true at some time since. */
  readonly askedAt: Moment;
  /** When this process came to know it, so some time after it began. */
  readonly since: number;
}

/** The memory that answers this process, unless it was interrupted since. */
interface Here {
  readonly incarnation: string;
  readonly interruptions: number;
}

export interface EpochSettings {
  readonly maxStalenessMs: number;
  readonly timer: Timer;
  readonly random: () => number;
}

/** How often a change tries to reach its copy or to end the epoch: only a quarrel takes more than three. */
const ROUNDS = 6;

/**
 * Whether copies may be believed, and what a change has to do so that they are not.
 *
 * Copies count in an epoch, which names one memory, its home. A process uses them only if it asked the authority for the
 * epoch less than `staleMs` ago, only if it talks to the home, and only once it has known the epoch for `settleMs`, a
 * little longer than that. So when one epoch takes the place of another, no copy of the new one is kept or believed before
 * the last copy of the old one was. A change is done when its copy was deleted from the home, or when no process uses
 * copies at all.
 */
export class Epochs {
  private readonly claims: Claims;
  private view: View | undefined;
  private here: Here | undefined;
  private looking: Promise<void> | undefined;
  private ending: Promise<void> | undefined;
  private nextLookAt = -Infinity;
  /** Changes that could neither delete their copy nor end the epoch. */
  private debts = 0;
  private closed = false;

  constructor(
    private readonly record: EpochRecord,
    private readonly accelerator: Accelerator,
    private readonly time: AuthorityTime,
    private readonly telling: Telling,
    private readonly settings: EpochSettings,
  ) {
    const { maxStalenessMs, random } = settings;
    this.claims = new Claims({ firstDelayMs: maxStalenessMs, random });
  }

  /** For a call that would use copies: undefined when it must not. Looks around in the background when it is time. */
  pass(): Pass | undefined {
    if (this.isTimeToLook()) this.look().catch(ignore);
    const { view, here } = this;
    return view !== undefined && here !== undefined && this.areUsable(view, here)
      ? { epoch: view.epoch.id, interruptions: here.interruptions }
      : undefined;
  }

  /** Whether what was found with this pass may still be believed. */
  holds({ epoch, interruptions }: Pass): boolean {
    const { view, here } = this;
    return view?.epoch.id === epoch && here?.interruptions === interruptions && this.areUsable(view, here);
  }

  /** Asks the authority for the epoch and the accelerator who it is, and begins an epoch where that is due. */
  look(): Promise<void> {
    return (this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    }));
  }

  /**
   * To be awaited when the authority has acknowledged a change, before that is answered. Afterwards no process answers
   * with what was before: the copy is gone, or copies do not count. Rejects when neither is certain.
   */
  async told(forget: (copies: SessionCopies) => Promise<void>): Promise<void> {
    const changedAt = momentOf(this.settings.timer);
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const view = await this.viewSince(changedAt);
        if (view.epoch.home === null || (await this.forgets(view, forget))) return await this.settled(view);
        if (round === 0) await this.look();
        else await this.end();
      }
      throw contended();
    } catch (error) {
      this.debts += 1;
      throw error;
    }
  }

  /** After a change of which nobody knows whether it was made. Asks nothing of an authority that may be away. */
  async mayHaveChanged(forget: (copies: SessionCopies) => Promise<void>): Promise<void> {
    const { view } = this;
    if (view !== undefined && isRecent(view, momentOf(this.settings.timer))) {
      if (view.epoch.home === null || (await this.forgets(view, forget))) return;
    }
    this.debts += 1;
  }

  close(): void {
    this.closed = true;
  }

  private areUsable(view: View, here: Here): boolean {
    const now = this.time.latest();
    return (
      view.epoch.home === here.incarnation &&
      here.interruptions === this.accelerator.interruptions &&
      ageOf(view.askedAt, this.settings.timer) < view.epoch.staleMs &&
      this.isSettled(view) &&
      now !== undefined &&
      now < view.epoch.endsAt - 2 * LONGEST_STALENESS_MS &&
      this.debts === 0 &&
      !this.closed
    );
  }

  private isSettled(view: View): boolean {
    return this.restOf(view) <= 0;
  }

  private restOf({ epoch, since }: View): number {
    return since + epoch.settleMs - this.settings.timer.now();
  }

  private isTimeToLook(): boolean {
    const { view, here, settings, accelerator } = this;
    if (this.closed || this.looking !== undefined || settings.timer.now() < this.nextLookAt) return false;
    if (view === undefined || ageOf(view.askedAt, settings.timer) >= view.epoch.staleMs / 2) return true;
    return accelerator.state.mode === 'accelerated' && here?.interruptions !== accelerator.interruptions;
  }

  private async lookOnce(): Promise<void> {
    const askedAt = momentOf(this.settings.timer);
    this.nextLookAt = askedAt.now + this.settings.maxStalenessMs / 4;
    const { debts } = this;
    const who = this.whoIsHere();
    const [epoch] = await Promise.all([this.record.read(), this.time.look()]);
    const view = this.accept(epoch, askedAt);
    this.here = await who;
    if (this.here === undefined && view.epoch.home !== null && this.accelerator.hearOf(view.epoch.id)) {
      this.here = await this.whoIsHere();
    }
    if (debts > 0) {
      await this.end();
      this.debts -= debts;
    }
    await this.claim();
  }

  private async whoIsHere(): Promise<Here | undefined> {
    const { interruptions } = this.accelerator;
    const who = await this.accelerator.attempt((copies) => copies.incarnation());
    return who === undefined ? undefined : { incarnation: who.answer, interruptions };
  }

  /** What is known of the epoch, asked for late enough for a change that was acknowledged then. */
  private async viewSince(changedAt: Moment): Promise<View> {
    for (;;) {
      const { view } = this;
      if (view !== undefined && isRecent(view, changedAt)) return view;
      await this.look();
    }
  }

  /** Whether the change is told to the home of copies. */
  private async forgets({ epoch }: View, forget: (copies: SessionCopies) => Promise<void>): Promise<boolean> {
    const { here, accelerator } = this;
    if (here?.incarnation !== epoch.home || here.interruptions !== accelerator.interruptions) return false;
    return (await accelerator.attempt(forget)) !== undefined && here.interruptions === accelerator.interruptions;
  }

  /** Until nobody can use copies by an epoch before this one. */
  private async settled(view: View): Promise<void> {
    if (!this.isSettled(view)) this.telling.event('wait');
    while (!this.isSettled(view)) await this.settings.timer.wait(Math.ceil(this.restOf(view)));
  }

  /** Makes the memory that answers this process the home. Of several processes at once one does. */
  private async claim(): Promise<void> {
    const { view, here, closed } = this;
    if (closed || view === undefined || view.epoch.home === here?.incarnation) return;
    const isHere = here !== undefined && here.interruptions === this.accelerator.interruptions;
    if (isHere && this.claims.isDue(this.settings.timer.now())) {
      if (await this.begin(view, here.incarnation)) this.telling.event('epoch_begun');
    } else if (view.epoch.version === 0) {
      await this.begin(view, null);
    }
  }

  private end(): Promise<void> {
    return (this.ending ??= this.endOnce().finally(() => {
      this.ending = undefined;
    }));
  }

  private async endOnce(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const { view } = this;
      if (view === undefined || view.epoch.home === null) return;
      if (await this.begin(view, null)) return this.telling.event('epoch_ended');
    }
    throw contended();
  }

  /** Whether it was this process that began it; else another did, and its epoch is known now. */
  private async begin(view: View, home: string | null): Promise<boolean> {
    const askedAt = momentOf(this.settings.timer);
    const begun = await this.record.begin(view.epoch, home, this.isSettled(view));
    if (begun !== undefined) {
      this.accept(begun, askedAt);
      return true;
    }
    const askedAgainAt = momentOf(this.settings.timer);
    this.accept(await this.record.read(), askedAgainAt);
    return false;
  }

  private accept(epoch: Epoch, askedAt: Moment): View {
    const { view, here } = this;
    if (view !== undefined && askedAt.now < view.askedAt.now) return view;
    const now = this.settings.timer.now();
    const isKnown = view?.epoch.id === epoch.id;
    if (view !== undefined && !isKnown && view.epoch.home !== null && view.epoch.home === here?.incarnation) {
      this.claims.lost(now, now - view.since);
    }
    return (this.view = { epoch, askedAt, since: isKnown ? view.since : now });
  }
}

/** Whether the epoch after this one, if there is one, is not in use at that time. */
function isRecent({ epoch, askedAt }: View, moment: Moment): boolean {
  return Math.max(moment.now - askedAt.now, moment.wall - askedAt.wall) < epoch.staleMs;
}

function ignore(): void {}
