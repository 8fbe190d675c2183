interface Member {
  readonly sequence: number;
  /** Null once it was removed. */
  key: string | null;
}

/** Keys in the order of their sequence numbers, which only grow: a page starts where the last one ended. */
export class SequenceIndex {
  private members: Member[] = [];
  private removed = 0;

  get size(): number {
    return this.members.length - this.removed;
  }

  add(sequence: number, key: string): void {
    this.members.push({ sequence, key });
  }

  remove(sequence: number): void {
    const member = this.members[this.position(sequence)];
    if (member === undefined || member.sequence !== sequence || member.key === null) return;
    member.key = null;
    this.removed++;
    if (this.removed > 32 && this.removed > this.members.length / 2) {
      this.members = this.members.filter(({ key }) => key !== null);
      this.removed = 0;
    }
  }

  *after(sequence: number): Generator<string> {
    const { members } = this;
    for (let at = this.position(sequence + 1); at < members.length; at++) {
      const key = members[at]?.key;
      if (typeof key === 'string') yield key;
    }
  }

  *before(sequence: number): Generator<string> {
    const { members } = this;
    for (let at = this.position(sequence) - 1; at >= 0; at--) {
      const key = members[at]?.key;
      if (typeof key === 'string') yield key;
    }
  }

  /** The first member that is not before `sequence`. */
  private position(sequence: number): number {
    let low = 0;
    let high = this.members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.members[middle]?.sequence ?? Infinity) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** One index per owner; an index that is empty is not kept. */
export class OwnerIndexes {
  private readonly owners = new Map<string, SequenceIndex>();

  of(owner: string): SequenceIndex | undefined {
    return this.owners.get(owner);
  }

  add(owner: string, sequence: number, key: string): void {
    let index = this.owners.get(owner);
    if (index === undefined) this.owners.set(owner, (index = new SequenceIndex()));
    index.add(sequence, key);
  }

  remove(owner: string, sequence: number): void {
    const index = this.owners.get(owner);
    index?.remove(sequence);
    if (index?.size === 0) this.owners.delete(owner);
  }
}
