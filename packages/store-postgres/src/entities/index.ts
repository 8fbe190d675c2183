import { SessionEntity, SubjectEntity } from './session-entities.ts';
import { LeaseEntity, FenceEntity } from './lease-entities.ts';
import { PoolSlotEntity, PoolWantEntity } from './pool-entities.ts';
import { LimitEntity, LimitAnswerEntity, AttemptsEntity } from './usage-entities.ts';
import { BudgetEntity, ReservationEntity, BudgetHoldEntity } from './budget-entities.ts';

/** The tables as entities, for a TypeORM data source that reads them. `synchronize` leaves them alone. */
export const entities = [
  SessionEntity,
  SubjectEntity,
  LeaseEntity,
  FenceEntity,
  PoolSlotEntity,
  PoolWantEntity,
  LimitEntity,
  LimitAnswerEntity,
  AttemptsEntity,
  BudgetEntity,
  ReservationEntity,
  BudgetHoldEntity,
];
