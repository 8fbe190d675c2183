import type { KnownUser } from '@mooring/e2e';
import type { Clients } from './clients.ts';

/** Who calls. */
export interface People {
  /** Logs in and out. */
  readonly visitor: KnownUser;
  /** Changes the password. */
  readonly changer: KnownUser;
  /** One of each tenant, who runs statements. */
  readonly analysts: readonly (KnownUser & { readonly token: string })[];
  /** Of the first tenant, and may change what is in its namespaces. */
  readonly administrator: { readonly token: string; readonly tenantId: string };
  /** Asks more often than the limit of a session allows. */
  readonly eager: { readonly token: string };
  readonly root: { readonly token: string };
}

export interface World extends Clients {
  readonly people: People;
  /** Whether some sessions stay, to be read back at the end. */
  readonly keepsSessions: boolean;
}

/** One kind of client. */
export interface Caller {
  readonly name: string;
  /** Does its work once; whether all of it was done. */
  readonly call: (world: World) => Promise<boolean>;
}
