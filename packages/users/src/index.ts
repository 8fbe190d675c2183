export { UserDatabaseError } from './errors.ts';
export type { UserDatabaseErrorCode } from './errors.ts';
export { PasswordHasher, PasswordQueueFull } from './passwords/password-hasher.ts';
export type { PasswordCheck, PasswordCost, PasswordHasherOptions } from './passwords/password-hasher.ts';
export { passwordFault } from './passwords/password-policy.ts';
export type { PasswordFault, PasswordOwner, PasswordRule } from './passwords/password-policy.ts';
export { SessionEnds } from './session-ends.ts';
export type { TokenRevoker } from './session-ends.ts';
export {
  ROLES,
  TENANT_ID_TAKES,
  USERNAME_TAKES,
  isTenantId,
  isUsername,
  loginAccount,
  outranks,
  usernameKey,
} from './user.ts';
export type { Role, User, UserWithPassword } from './user.ts';
export { UserDatabase } from './user-database.ts';
export type { UserDatabaseOptions } from './user-database.ts';
export { Users } from './users.ts';
export type { NewUser, UserChange, UserPageRequest } from './users.ts';
export { usersFaults } from './users-faults.ts';
export type { UsersFault } from './users-faults.ts';
export { inspectUsers } from './users-schema.ts';
