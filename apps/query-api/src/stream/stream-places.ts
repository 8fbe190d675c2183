/** Of one address before it says who it is, and of one session. */
const MOST_OF_ONE = 20;

/** The connections that a process has room for, and what of them one client may have. */
export class StreamPlaces {
  private taken = 0;
  private readonly shares = new Map<string, number>();
  private readonly mostOfOne: number;

  constructor(private readonly most: number) {
    this.mostOfOne = Math.max(1, Math.min(MOST_OF_ONE, Math.floor(most / 4)));
  }

  get size(): number {
    return this.taken;
  }

  /** A place that counts for `one`, where that is known. `full` when there is none, `share` when it has its share. */
  take(one?: string): StreamPlace | 'full' | 'share' {
    if (this.taken >= this.most) return 'full';
    if (one !== undefined && !this.count(one)) return 'share';
    this.taken += 1;
    return new StreamPlace(this, one);
  }

  /** False when it has its share. */
  count(one: string): boolean {
    const has = this.shares.get(one) ?? 0;
    if (has >= this.mostOfOne) return false;
    this.shares.set(one, has + 1);
    return true;
  }

  uncount(one: string): void {
    const left = (this.shares.get(one) ?? 0) - 1;
    if (left > 0) this.shares.set(one, left);
    else this.shares.delete(one);
  }

  giveBack(): void {
    this.taken -= 1;
  }
}

export class StreamPlace {
  private released = false;

  constructor(
    private readonly places: StreamPlaces,
    private one: string | undefined,
  ) {}

  /** It counts for `one` from now on; false, and for whom it did, when `one` has its share. */
  passTo(one: string): boolean {
    if (this.released) return false;
    if (one === this.one) return true;
    if (!this.places.count(one)) return false;
    if (this.one !== undefined) this.places.uncount(this.one);
    this.one = one;
    return true;
  }

  /** Calling it again does nothing. */
  release(): void {
    if (this.released) return;
    this.released = true;
    if (this.one !== undefined) this.places.uncount(this.one);
    this.places.giveBack();
  }
}
