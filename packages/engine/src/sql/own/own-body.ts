import type { OwnStatement, StatementPlace } from '../statement.ts';

type WithoutPlace<S> = S extends unknown ? Omit<S, keyof StatementPlace> : never;

/** A statement of the engine's own without its place. */
export type OwnBody = WithoutPlace<OwnStatement>;
