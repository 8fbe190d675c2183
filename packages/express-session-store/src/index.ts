export { ExpressSessionStore } from './express-session-store.ts';
export type { ExpressSessionStoreOptions } from './options.ts';
