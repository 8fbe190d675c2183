import * as fc from 'fast-check';

export type PoolCommand =
  | {
      readonly do: 'acquire';
      readonly key: number;
      readonly holder: 'host-1' | 'host-2';
      readonly maxPerKey: number;
      readonly maxPerTarget: number;
    }
  /** The lease is one of those that were answered so far, ended ones too. */
  | { readonly do: 'register'; readonly lease: number; readonly retireAfterMs: number }
  | { readonly do: 'renew'; readonly lease: number; readonly dirty: boolean }
  | { readonly do: 'release' | 'retry'; readonly lease: number }
  | { readonly do: 'discard'; readonly lease: number; readonly aliveForMs: number }
  | { readonly do: 'reclaim' | 'list' | 'sweep' }
  | { readonly do: 'wait'; readonly ms: number };

const lease = fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4);

const command: fc.Arbitrary<PoolCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      key: fc.constantFrom(0, 0, 0, 1, 2),
      holder: fc.constantFrom('host-1' as const, 'host-2' as const),
      maxPerKey: fc.integer({ min: 1, max: 3 }),
      maxPerTarget: fc.integer({ min: 2, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      lease,
      retireAfterMs: fc.constantFrom(900, 9_000_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'release' as const, 'retry' as const), lease }),
  },
  fc.record({ do: fc.constant('renew' as const), lease, dirty: fc.constantFrom(false, false, true) }),
  fc.record({ do: fc.constant('discard' as const), lease, aliveForMs: fc.constantFrom(0, 700) }),
  fc.record({ do: fc.constantFrom('reclaim' as const, 'list' as const, 'list' as const, 'sweep' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 100, 300, 480, 499, 600, 998, 3000) }),
);

export const poolCommands = fc.array(command, { minLength: 40, maxLength: 60, size: 'max' });
