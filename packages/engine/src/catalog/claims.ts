import { EngineError } from '../errors.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogRecord } from './records.ts';
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
  if (current.state === 'ready' || current.state === 'changing') return undefined;
  if (current.state === 'dropping') {
    throw conflict(`${named(current)} is being dropped: try again, or repeat the DROP if its statement died`);
  }
  if (!isOver(catalog, current)) throw conflict(`${named(current)} is being created by another statement: try again`);
  if (current.kind === 'table' && record.kind === 'table' && current.ownerId !== record.ownerId) {
    throw conflict(`a CREATE of ${named(current)} did not come to its end: its owner repeats it, or a dba DROPs it`);
  }
  const claim = { ...record, version: current.version + 1 };
  if (!(await catalog.replace(claim)).ok) throw changedMeanwhile(record);
  return { record: claim, takenOver: true };
}

/**
 * Takes what is there for a change or its end. A `dropping` one may be taken again at once, since a DROP that is done twice
 * does what one does; anything else only when its statement is certainly over.
 *
 * @throws EngineError `conflict`
 */
export async function claimRecord<R extends CatalogRecord>(
  catalog: Catalog,
  current: R,
  state: 'changing' | 'dropping',
  change: Partial<R> = {},
): Promise<R> {
  const isFree = current.state === 'ready' || (current.state === 'dropping' && state === 'dropping');
  if (!isFree && !isOver(catalog, current)) {
    throw conflict(`${named(current)} is being changed by another statement: try again`);
  }
  const claim = catalog.next(current, { ...change, state });
  if (!(await catalog.replace(claim)).ok) throw changedMeanwhile(current);
  return claim;
}

/** What was made or changed is ready. @throws EngineError `conflict` if another took it over */
export async function finishClaim<R extends CatalogRecord>(
  catalog: Catalog,
  claim: R,
  change: Partial<R> = {},
): Promise<R> {
  const finished = catalog.next(claim, { ...change, state: 'ready' });
  if (!(await catalog.replace(finished)).ok) throw changedMeanwhile(claim);
  return finished;
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
  if (current.state !== 'ready') throw conflict(`${named(current)} is being changed by another statement: try again`);
  const changed = catalog.next(current, change);
  if (!(await catalog.replace(changed)).ok) throw changedMeanwhile(current);
  return changed;
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
