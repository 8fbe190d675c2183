const EVERY_MS = 1000;

/** Says anew each second what is waited for, and for how long. */
export class SteadyProgress {
  private readonly startedAt = performance.now();
  private readonly timer: NodeJS.Timeout;
  private text = '';

  constructor(private readonly write: (text: string) => void) {
    this.timer = setInterval(() => this.rewrite(), EVERY_MS);
    this.timer.unref();
  }

  show(text: string): void {
    this.text = text;
    this.rewrite();
  }

  end(): void {
    clearInterval(this.timer);
  }

  private rewrite(): void {
    if (this.text === '') return;
    this.write(`${this.text} … ${Math.round((performance.now() - this.startedAt) / 1000)} s`);
  }
}
