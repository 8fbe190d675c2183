import type { Target } from './target.ts';
import { authApiTarget } from './targets/auth-api.ts';
import { dataApiTarget } from './targets/data-api.ts';
import { dataApiClientTarget } from './targets/data-api-client.ts';
import { idsTarget } from './targets/ids.ts';
import { queryApiTarget } from './targets/query-api.ts';
import { sqlTarget } from './targets/sql.ts';
import { tokensTarget } from './targets/tokens.ts';

export const TARGETS: readonly Target[] = [
  sqlTarget,
  tokensTarget,
  idsTarget,
  queryApiTarget,
  authApiTarget,
  dataApiTarget,
  dataApiClientTarget,
];
