/** Runs what is asked for under one name in that order, one at a time. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** How many names are in use. */
  get size(): number {
    return this.last.size;
  }

  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(name);
    const turn = before === undefined ? work() : before.then(work, work);
    this.last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.last.get(name) === turn) this.last.delete(name);
    }
  }
}
