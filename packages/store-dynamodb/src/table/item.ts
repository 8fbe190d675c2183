/** An item as the SDK's document client gives it. */
export type Item = Readonly<Record<string, unknown>>;

/**
 * An item in DynamoDB's own form, which is how the SDK gives the one whose condition failed. Of the types that this store
 * writes; others are left out, as is what can't be read.
 */
export function plainItem(attributes: Readonly<Record<string, unknown>>): Item {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const { S, N, BOOL, B, L } = value as Readonly<Record<string, unknown>>;
  if (typeof N === 'string') return Number(N);
  if (Array.isArray(L)) return L.map(plain);
  return S ?? BOOL ?? B;
}
