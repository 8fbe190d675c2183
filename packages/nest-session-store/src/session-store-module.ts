import { ConfigurableModuleBuilder, Logger, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown, Provider } from '@nestjs/common';
import {
  AttemptStore,
  BudgetStore,
  LeaseStore,
  RateLimitStore,
  SessionPoolStore,
  SessionStore,
  StoreBackend,
} from '@mooring/session-store';
import { openStore } from './open-store.ts';
import type { OpenedStore } from './open-store.ts';
import type { SessionStoreOptions } from './options.ts';
import { SessionStoreHealth } from './store-health.ts';

/** Closes the store when the application is done with it. */
class KeptStore implements OnApplicationShutdown {
  constructor(readonly opened: OpenedStore) {}

  async onApplicationShutdown(): Promise<void> {
    await this.opened.backend.close();
  }
}

/** The token of a named store. The unnamed one has `StoreBackend`, and each port under its own symbol. */
export function storeToken(name: string): symbol {
  return Symbol.for(`mooring.StoreBackend.${name}`);
}

/** The token of a named store's health. */
export function storeHealthToken(name: string): symbol {
  return Symbol.for(`mooring.SessionStoreHealth.${name}`);
}

export interface SessionStoreExtras {
  /** For a second store, in another namespace, say. It is provided under `storeToken(name)` alone. */
  readonly name?: string | undefined;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<SessionStoreOptions>({
  moduleName: 'SessionStore',
})
  .setClassMethodName('forRoot')
  .setExtras<SessionStoreExtras>({ name: undefined }, (definition, { name }) => withStore(definition, name))
  .build();

/** A session store and its ports, for injection. It opens when the application starts and closes when it stops. */
@Module({})
export class SessionStoreModule extends ConfigurableModuleClass {}

function withStore(definition: DynamicModule, name: string | undefined): DynamicModule {
  const provided = name === undefined ? unnamed() : named(name);
  const opened: Provider = {
    provide: KeptStore,
    useFactory: async (options: SessionStoreOptions) =>
      new KeptStore(await openStore(options, new Logger(SessionStoreModule.name))),
    inject: [MODULE_OPTIONS_TOKEN],
  };
  return {
    ...definition,
    providers: [...(definition.providers ?? []), opened, ...provided],
    exports: [...(definition.exports ?? []), ...provided.map(({ provide }) => provide)],
  };
}

type Part = Extract<Provider, { useFactory: unknown }>;

function part(provide: symbol, of: (backend: StoreBackend) => unknown): Part {
  return { provide, useFactory: ({ opened }: KeptStore) => of(opened.backend), inject: [KeptStore] };
}

function health(provide: symbol | typeof SessionStoreHealth, name?: string): Part {
  return { provide, useFactory: ({ opened }: KeptStore) => new SessionStoreHealth(opened, name), inject: [KeptStore] };
}

function unnamed(): Part[] {
  return [
    part(StoreBackend, (backend) => backend),
    part(SessionStore, ({ sessions }) => sessions),
    part(RateLimitStore, ({ limits }) => limits),
    part(AttemptStore, ({ attempts }) => attempts),
    part(BudgetStore, ({ budgets }) => budgets),
    part(LeaseStore, ({ leases }) => leases),
    part(SessionPoolStore, ({ pool }) => pool),
    health(SessionStoreHealth),
  ];
}

function named(name: string): Part[] {
  return [part(storeToken(name), (backend) => backend), health(storeHealthToken(name), `session-store:${name}`)];
}
