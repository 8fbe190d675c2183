export { letTenantsCreateSchemas } from './deployment.ts';
export { askPod, Fleet } from './fleet.ts';
export type { Answer, Asked, Environment } from './fleet.ts';
export { podsAt, ROOT } from './pods.ts';
export type { Places, PodOptions, Pods } from './pods.ts';
export { createUser, login, tokenOf } from './users.ts';
export type { KnownUser, UserPods } from './users.ts';
