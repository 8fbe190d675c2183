import { EngineError } from '@mooring/engine';
import type { CatalogStore, EnginePlace } from '@mooring/engine';
import type { NamespaceSessions, RedshiftEngine } from '@mooring/engine-redshift';
import { poolKeyOf } from '@mooring/redshift-sessions';
import type { ApiToken, Principal } from '../../api-tokens.ts';
import { targetOf } from '../../warehouse-target.ts';
import type { TargetSettings } from '../../warehouse-target.ts';

/** Whose a slot of the pool is. */
export interface PoolOwner {
  /** Null of statements without a namespace. */
  readonly storage: string | null;
  /** Null where a secret or the process's IAM identity says who it is. */
  readonly databaseUser: string | null;
}

interface PoolOwnersParts {
  readonly settings: TargetSettings;
  readonly region: string;
  readonly configured: readonly ApiToken[];
  readonly catalog: Pick<CatalogStore, 'list'>;
  /** Undefined where the warehouse has no namespaces. */
  readonly engine: Pick<RedshiftEngine, 'sessionsOf'> | undefined;
}

/**
 * The pool knows what its slots are shared over as a hash: it is made here again, of all that a tenant's sessions may be
 * of, so any process knows those of the others.
 */
export class PoolOwners {
  constructor(private readonly parts: PoolOwnersParts) {}

  /** By the identity of a pool key. */
  async of(tenantId: string): Promise<ReadonlyMap<string, PoolOwner>> {
    return new Map([...this.withoutNamespace(tenantId), ...(await this.ofNamespaces(tenantId))]);
  }

  private withoutNamespace(tenantId: string): readonly (readonly [string, PoolOwner])[] {
    const { settings, region, configured } = this.parts;
    const own: Pick<Principal, 'tenantId' | 'dbUser'>[] = configured
      .map(({ principal }) => principal)
      .filter((principal) => principal.tenantId === tenantId);
    return [{ tenantId }, ...own].map((principal) => {
      const target = targetOf(settings, principal);
      const { identity } = poolKeyOf(tenantId, target, region, []);
      return [identity, { storage: null, databaseUser: target.dbUser ?? null }];
    });
  }

  /** Those being made or dropped, too: their sessions are open already, or still. */
  private async ofNamespaces(tenantId: string): Promise<readonly (readonly [string, PoolOwner])[]> {
    const { catalog, engine } = this.parts;
    if (engine === undefined) return [];
    const [storages, namespaces] = await Promise.all([
      catalog.list(tenantId, 'storage'),
      catalog.list(tenantId, 'namespace'),
    ]);
    const warehouses = new Map(
      storages.flatMap((record) =>
        record.kind === 'storage' && record.type === 'redshift' ? [[record.name, record] as const] : [],
      ),
    );
    return namespaces.flatMap((namespace) => {
      const storage = namespace.kind === 'namespace' ? warehouses.get(namespace.storage) : undefined;
      if (namespace.kind !== 'namespace' || storage === undefined) return [];
      const sessions = sessionsOf(engine, { namespace, storage });
      if (sessions === undefined) return [];
      const { key, databaseUser } = sessions;
      return [[key.identity, { storage: storage.name, databaseUser }] as const];
    });
  }
}

/** None of a storage that was made under another configuration: nothing runs there now. */
function sessionsOf(
  engine: Pick<RedshiftEngine, 'sessionsOf'>,
  place: Pick<EnginePlace, 'namespace' | 'storage'>,
): NamespaceSessions | undefined {
  try {
    return engine.sessionsOf(place);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'invalid_storage') return undefined;
    throw error;
  }
}
