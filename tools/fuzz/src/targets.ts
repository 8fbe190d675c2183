import type { Target } from './target.ts';
import { idsTarget } from './targets/ids.ts';
import { sqlTarget } from './targets/sql.ts';
import { tokensTarget } from './targets/tokens.ts';

export const TARGETS: readonly Target[] = [sqlTarget, tokensTarget, idsTarget];
