type End = () => Promise<unknown>;

/** What has been started so far, and how it ends: what was started last ends first. */
export class StartedParts {
  private readonly ends: End[] = [];

  /** Answers the part, to be ended as it is said. */
  add<Part>(part: Part, end: (part: Part) => Promise<unknown>): Part {
    this.ends.push(() => end(part));
    return part;
  }

  /** Ends everything, also where some of it fails to. Rejects with the first failure. Once is enough. */
  async end(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.ends.splice(0).toReversed()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  /** Does `start`. Where it fails, what was added meanwhile ends, and its own failure is told. */
  async orEnd<Started>(start: () => Promise<Started>): Promise<Started> {
    try {
      return await start();
    } catch (error) {
      await this.end().catch(() => undefined);
      throw error;
    }
  }
}
