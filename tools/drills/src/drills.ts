import { authApiKill } from './drills/auth-api-kill.ts';
import { cleanupWorkerKill } from './drills/cleanup-worker-kill.ts';
import { clockBack } from './drills/clock-back.ts';
import { clockForward } from './drills/clock-forward.ts';
import { diskFull } from './drills/disk-full.ts';
import { dynamodbCut } from './drills/dynamodb-cut.ts';
import { dynamodbHang } from './drills/dynamodb-hang.ts';
import { dynamodbKill } from './drills/dynamodb-kill.ts';
import { dynamodbSlow } from './drills/dynamodb-slow.ts';
import { postgresCut } from './drills/postgres-cut.ts';
import { postgresHang } from './drills/postgres-hang.ts';
import { postgresKill } from './drills/postgres-kill.ts';
import { postgresSlow } from './drills/postgres-slow.ts';
import { queryApiKill } from './drills/query-api-kill.ts';
import { redisCut } from './drills/redis-cut.ts';
import { redisHang } from './drills/redis-hang.ts';
import { redisKill } from './drills/redis-kill.ts';
import { redisSlow } from './drills/redis-slow.ts';
import { warehouseCut } from './drills/warehouse-cut.ts';
import { warehouseHang } from './drills/warehouse-hang.ts';
import { warehouseKill } from './drills/warehouse-kill.ts';
import { warehouseLostAnswers } from './drills/warehouse-lost-answers.ts';
import { warehouseSlow } from './drills/warehouse-slow.ts';
import type { Drill } from './drill.ts';

/** Every drill there is: one file each, listed here. */
export const DRILLS: readonly Drill[] = [
  postgresKill,
  postgresCut,
  postgresSlow,
  postgresHang,
  redisKill,
  redisCut,
  redisSlow,
  redisHang,
  dynamodbKill,
  dynamodbCut,
  dynamodbSlow,
  dynamodbHang,
  warehouseKill,
  warehouseCut,
  warehouseSlow,
  warehouseHang,
  warehouseLostAnswers,
  queryApiKill,
  authApiKill,
  cleanupWorkerKill,
  clockForward,
  clockBack,
  diskFull,
];
