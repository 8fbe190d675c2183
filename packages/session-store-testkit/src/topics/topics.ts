import type { Checks } from '../harness.ts';
import { argumentsTopic } from './arguments.ts';
import { attempts } from './attempts.ts';
import { budgets } from './budgets.ts';
import { compareAndSet } from './compare-and-set.ts';
import { copies } from './copies.ts';
import { expiry } from './expiry.ts';
import { leases } from './leases.ts';
import { lifecycle } from './lifecycle.ts';
import { limits } from './limits.ts';
import { maximumPerSubject } from './maximum-per-subject.ts';
import { modelRuns } from './model-runs.ts';
import { namespaces } from './namespaces.ts';
import { owners } from './owners.ts';
import { poolCaps } from './pool-caps.ts';
import { poolIsolation } from './pool-isolation.ts';
import { poolLeases } from './pool-leases.ts';
import { poolRoom } from './pool-room.ts';
import { poolSharing } from './pool-sharing.ts';
import { replacingDead } from './replacing-dead.ts';
import { rotation } from './rotation.ts';
import { secrecy } from './secrecy.ts';
import { sessionsLifecycle } from './sessions-lifecycle.ts';
import { sweep } from './sweep.ts';
import { tenants } from './tenants.ts';
import { tombstones } from './tombstones.ts';
import { touch } from './touch.ts';

/** The contract, topic by topic. */
export const TOPICS = {
  'sessions-lifecycle': sessionsLifecycle,
  expiry,
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
  secrecy,
  leases,
  'pool-leases': poolLeases,
  'pool-sharing': poolSharing,
  'pool-isolation': poolIsolation,
  'pool-caps': poolCaps,
  'pool-room': poolRoom,
  sweep,
  lifecycle,
  limits,
  attempts,
  budgets,
  'model-runs': modelRuns,
} as const satisfies Readonly<Record<string, Checks>>;

export type Topic = keyof typeof TOPICS;
