let last = 0;

/** An address that no other login has, so that failures of others don't count. */
export function newAddress(): string {
  last += 1;
  return `10.${(last >> 16) & 255}.${(last >> 8) & 255}.${last & 255}`;
}
