import { findFreePort } from './free-port.ts';

/** What a spec asks in another process. */
export interface PortFinder {
  find(count: number): Promise<number[]>;
  close(): Promise<void>;
}

export async function openPortFinder(): Promise<PortFinder> {
  return {
    find: (count) => Promise.all(Array.from({ length: count }, findFreePort)),
    close: () => Promise.resolve(),
  };
}
