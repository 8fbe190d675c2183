import type { Service } from './scale-setting.ts';

/** What statements met, to be counted at the end. */
export class Tally {
  private readonly beyondMs: number[] = [];
  private refusals = 0;

  answered(beyondMs: number): void {
    this.beyondMs.push(beyondMs);
  }

  refused(): void {
    this.refusals += 1;
  }

  result(): Service {
    const statements = this.beyondMs.length + this.refusals;
    return {
      statements,
      refused: part(this.refusals, statements),
      p50Ms: percentile(this.beyondMs, 0.5),
      p99Ms: percentile(this.beyondMs, 0.99),
    };
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
}

/** A part of 1 to four digits: what is printed does not show more. */
export function part(some: number, all: number): number {
  return all === 0 ? 0 : Math.round((some / all) * 10_000) / 10_000;
}
