import type { Checks } from '../harness.ts';
import { argumentsTopic } from './arguments.ts';
import { attempts } from './attempts.ts';
import { boundedSize } from './bounded-size.ts';
import { bounds } from './bounds.ts';
import { budgetPeriods } from './budget-periods.ts';
import { budgetReplays } from './budget-replays.ts';
import { budgets } from './budgets.ts';
import { clockSetBack } from './clock-set-back.ts';
import { compareAndSet } from './compare-and-set.ts';
import { copies } from './copies.ts';
import { damagedRecords } from './damaged-records.ts';
import { expiryRaces } from './expiry-races.ts';
import { expiry } from './expiry.ts';
import { faults } from './faults.ts';
import { leases } from './leases.ts';
import { lifecycle } from './lifecycle.ts';
import { limits } from './limits.ts';
import { maximumPerSubject } from './maximum-per-subject.ts';
import { modelRuns } from './model-runs.ts';
import { namespaces } from './namespaces.ts';
import { oddNames } from './odd-names.ts';
import { opening } from './opening.ts';
import { owners } from './owners.ts';
import { poolCaps } from './pool-caps.ts';
import { poolIsolation } from './pool-isolation.ts';
import { poolLeases } from './pool-leases.ts';
import { poolRoom } from './pool-room.ts';
import { poolSharing } from './pool-sharing.ts';
import { replacingDead } from './replacing-dead.ts';
import { retries } from './retries.ts';
import { rotation } from './rotation.ts';
import { sameAnswers } from './same-answers.ts';
import { secrecy } from './secrecy.ts';
import { sessionsLifecycle } from './sessions-lifecycle.ts';
import { sweep } from './sweep.ts';
import { tenants } from './tenants.ts';
import { tombstones } from './tombstones.ts';
import { touch } from './touch.ts';
import { wireBudget } from './wire-budget.ts';

/** The contract, topic by topic. */
export const TOPICS = {
  'sessions-lifecycle': sessionsLifecycle,
  expiry,
  'expiry-races': expiryRaces,
  'compare-and-set': compareAndSet,
  tombstones,
  touch,
  rotation,
  owners,
  'maximum-per-subject': maximumPerSubject,
  'replacing-dead': replacingDead,
  tenants,
  namespaces,
  arguments: argumentsTopic,
  copies,
  leases,
  'pool-leases': poolLeases,
  'pool-sharing': poolSharing,
  'pool-isolation': poolIsolation,
  'pool-caps': poolCaps,
  'pool-room': poolRoom,
  sweep,
  'bounded-size': boundedSize,
  lifecycle,
  opening,
  limits,
  attempts,
  budgets,
  'budget-periods': budgetPeriods,
  'budget-replays': budgetReplays,
  'same-answers': sameAnswers,
  'clock-set-back': clockSetBack,
  'damaged-records': damagedRecords,
  bounds,
  'odd-names': oddNames,
  secrecy,
  'model-runs': modelRuns,
  'wire-budget': wireBudget,
  faults,
  retries,
} as const satisfies Readonly<Record<string, Checks>>;

export type Topic = keyof typeof TOPICS;
