const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What happened in a run, a line for each step. Random identifiers are named by their first appearance: `#1`, `#2`. */
export class Trace {
  readonly lines: string[] = [];
  private readonly names = new Map<string, string>();

  constructor(readonly isKept: boolean) {}

  add(now: number, who: string, what: string): void {
    if (!this.isKept) return;
    const text = what.replace(UUID, (id) => this.nameOf(id));
    this.lines.push(`${now.toFixed(3).padStart(11)}  ${who.padEnd(9)} ${text}`);
  }

  private nameOf(id: string): string {
    let name = this.names.get(id);
    if (name === undefined) this.names.set(id, (name = `#${this.names.size + 1}`));
    return name;
  }
}
