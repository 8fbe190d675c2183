import { StoreError } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogRecord, RecordState } from './records.ts';
import { shown } from './names.ts';

export interface CreationClaim<R extends CatalogRecord> {
  readonly record: R;
  /** An earlier creation of the same name did not come to its end: what it made may be there. */
  readonly takenOver: boolean;
}

/**
 * Takes a name for something that is made next; nobody sees it until `finishClaim`.
 *
 * @returns undefined where the name is taken
 * @throws EngineError `conflict` while another makes or drops what has this name
 */
export async function claimCreation<R extends CatalogRecord>(
  catalog: Catalog,
  record: R,
  peek: () => Promise<R | undefined>,
): Promise<CreationClaim<R> | undefined> {
  if ((await catalog.create(record)).ok) return { record, takenOver: false };
  const current = await peek();
  if (current === undefined) throw changedMeanwhile(record);
  if (current.state === 'dropping') {
    throw conflict(`${named(current)} is being dropped: try again, or repeat the DROP if its statement died`);
  }
  if (current.state !== 'creating') return undefined;
  if (!isOver(catalog, current)) throw conflict(`${named(current)} is being created by another statement: try again`);
  if (current.kind === 'table' && record.kind === 'table' && current.ownerId !== record.ownerId) {
    throw conflict(`a CREATE of ${named(current)} did not come to its end: its owner repeats it, or a dba DROPs it`);
  }
  const claim = { ...record, version: current.version + 1 };
  if (!(await catalog.replace(claim)).ok) throw changedMeanwhile(record);
  return { record: claim, takenOver: true };
}

/** Takes what is there for a change. @throws EngineError `conflict` while another statement has it */
export function claimChange<R extends CatalogRecord>(
  catalog: Catalog,
  current: R,
  change: Partial<R> = {},
): Promise<R> {
  assertSettled(catalog, current);
  return replaced(catalog, current, change, 'changing');
}

/**
 * Takes what is there for its end. It is seen until `commitDrop`, but nothing that depends on it is made any more.
 *
 * @throws EngineError `conflict` while another statement has it
 */
export function claimDrop<R extends CatalogRecord>(catalog: Catalog, current: R): Promise<R> {
  assertSettled(catalog, current);
  const isHidden = current.state === 'creating' || current.state === 'dropping';
  return replaced(catalog, current, {}, isHidden ? 'dropping' : 'closing');
}

/** Nothing depends on it: from here on nobody sees it. @throws EngineError `conflict` */
export function commitDrop<R extends CatalogRecord>(catalog: Catalog, claim: R): Promise<R> {
  return replaced(catalog, claim, {}, 'dropping');
}

/** It stays. What nobody saw before is not seen now either. @throws EngineError `conflict` */
export async function releaseDrop(catalog: Catalog, claim: CatalogRecord): Promise<void> {
  await (claim.state === 'closing' ? finishClaim(catalog, claim) : leaveClaim(catalog, claim));
}

/** That nobody makes, changes or drops it, or not any more. @throws EngineError `conflict` */
export function assertSettled(catalog: Catalog, record: CatalogRecord): void {
  if (record.state === 'ready' || isOver(catalog, record)) return;
  throw conflict(`${named(record)} is being changed by another statement: try again`);
}

/** What was made or changed is ready. @throws EngineError `conflict` if another took it over */
export function finishClaim<R extends CatalogRecord>(catalog: Catalog, claim: R, change: Partial<R> = {}): Promise<R> {
  return replaced(catalog, claim, change, 'ready');
}

/** @throws EngineError `conflict` if another took it over */
export async function removeClaimed(catalog: Catalog, claim: CatalogRecord): Promise<void> {
  if (!(await catalog.remove(claim)).ok) throw changedMeanwhile(claim);
}

/** One step of change for what needs nothing of an engine. @throws EngineError `conflict` */
export async function changeRecord<R extends CatalogRecord>(
  catalog: Catalog,
  current: R,
  change: Partial<R>,
): Promise<R> {
  assertSettled(catalog, current);
  return replaced(catalog, current, change, 'ready');
}

async function replaced<R extends CatalogRecord>(
  catalog: Catalog,
  current: R,
  change: Partial<R>,
  state: RecordState,
): Promise<R> {
  const next = { ...catalog.next(current, change), state };
  if (!(await catalog.replace(next)).ok) throw changedMeanwhile(current);
  return next;
}

/**
 * After a failure of which it is not known what it did: the state stays, and whoever repeats the statement need not wait.
 * Where that can't be written either, they wait until it is over.
 */
export async function leaveClaim(catalog: Catalog, claim: CatalogRecord): Promise<void> {
  try {
    await catalog.replace({ ...claim, version: claim.version + 1, updatedAt: 0 });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}

function isOver(catalog: Catalog, { updatedAt }: CatalogRecord): boolean {
  return catalog.parts.clock.now() - updatedAt >= catalog.parts.claimMs;
}

function changedMeanwhile(record: CatalogRecord): EngineError {
  return conflict(`${named(record)} was changed by another statement meanwhile: look at it and try again`);
}

export function named(record: CatalogRecord): string {
  const name = record.kind === 'table' ? `${record.namespace}.${record.name}` : record.name;
  return `${record.kind === 'table' && record.isView ? 'view' : record.kind} ${shown(name)}`;
}

function conflict(message: string): EngineError {
  return new EngineError({ code: 'conflict', message, retryable: true });
}
