import { NestFactory } from '@nestjs/core';
import { SessionStoreModule } from '@mooring/nest-session-store';
import { StoreBackend } from '@mooring/session-store';

export interface TestStore {
  readonly store: StoreBackend;
  close(): Promise<void>;
}

/** A store in memory, opened as a service opens it. */
export async function startStore(): Promise<TestStore> {
  const module = SessionStoreModule.forRoot({ backend: 'memory', namespace: 'auth' });
  const context = await NestFactory.createApplicationContext(module, { logger: false });
  return { store: context.get<StoreBackend>(StoreBackend), close: () => context.close() };
}
