/** The values that were used last, by key, up to a weight in all. */
export class RecentlySeen<T> {
  private readonly values = new Map<string, { readonly value: T; readonly weight: number }>();
  private weight = 0;

  constructor(private readonly most: number) {}

  get(key: string): T | undefined {
    return this.values.get(key)?.value;
  }

  set(key: string, value: T, weight: number): void {
    this.delete(key);
    if (weight > this.most) return;
    this.values.set(key, { value, weight });
    this.weight += weight;
    for (const oldest of this.values.keys()) {
      if (this.weight <= this.most) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.weight -= this.values.get(key)?.weight ?? 0;
    this.values.delete(key);
  }
}
