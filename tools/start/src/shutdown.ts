/** What has to be ended, in the reverse of the order in which it was started. */
export class Shutdown {
  private readonly steps: { readonly title: string; readonly end: () => Promise<void> | void }[] = [];

  add(title: string, end: () => Promise<void> | void): void {
    this.steps.push({ title, end });
  }

  /** Ends everything; a step that fails is reported and does not keep the others from ending. */
  async run(report: (line: string) => void): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step.end();
      } catch (error) {
        report(`${step.title} did not end as it should: ${(error as Error).message}`);
      }
    }
  }
}
