import { ProblemRegistry } from '@mooring/nest-runtime';
import type { ErrorMapping, ProblemDefinition } from '@mooring/nest-runtime';
import { ACCESS_ERRORS } from '@mooring/nest-access';
import { STORE_ERRORS } from '@mooring/nest-session-store';
import type { UserDatabaseErrorCode } from '@mooring/users';

const PROBLEMS = {
  invalid_cursor: {
    status: 400,
    title: 'The cursor is none of this list',
    detail: 'Take the cursor from the page before, unchanged.',
  },
  weak_password: {
    status: 400,
    title: 'The password is easy to guess',
    detail: 'Choose another password; `rule` and `errors` say what is wrong with this one.',
  },
  wrong_credentials: {
    status: 401,
    title: 'The login failed',
    detail: 'The user name or the password is not right, or the user may not log in.',
  },
  wrong_password: {
    status: 403,
    title: 'The current password is not right',
    detail: 'The current password is not right.',
  },
  user_not_found: { status: 404, title: 'There is no such user', detail: 'There is no such user.' },
  session_not_found: {
    status: 404,
    title: 'There is no such session',
    detail: 'You have no session with this id. It may have ended already.',
  },
  username_taken: {
    status: 409,
    title: 'The name is taken',
    detail: 'There is a user of this name already.',
  },
  last_system_user: {
    status: 409,
    title: 'Nobody would be left who can do this',
    detail: 'This is the last user with the role system that is not disabled.',
  },
  user_changed: {
    status: 409,
    title: 'The user was changed by somebody else',
    detail: 'The user was changed meanwhile. Try again.',
  },
  too_many_sessions: {
    status: 409,
    title: 'There are too many sessions of the user',
    detail: 'End another session first: log out where you need it no more.',
  },
  login_busy: {
    status: 503,
    title: 'Too many passwords are looked at right now',
    detail: 'Try again after the time in Retry-After.',
    retryAfterSeconds: 2,
  },
  store_unavailable: {
    status: 503,
    title: 'The session store does not answer',
    detail: 'Whether the token is good can not be told right now. Try again after the time in Retry-After.',
    retryAfterSeconds: 2,
  },
  users_unavailable: {
    status: 503,
    title: 'The database of the users does not answer',
    detail: 'Users can not be looked up right now. Try again after the time in Retry-After.',
    retryAfterSeconds: 2,
  },
  shutting_down: {
    status: 503,
    title: 'This process is shutting down',
    detail: 'Another process takes the request. Send it again.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ProblemDefinition>;

/** Every code of every package that the service uses: a new one does not compile until it is here. */
const ERRORS: Record<
  | keyof typeof ACCESS_ERRORS
  | keyof typeof STORE_ERRORS
  | `UserDatabaseError.${UserDatabaseErrorCode}`
  | 'PasswordQueueFull.queue_full',
  ErrorMapping | string
> = {
  ...ACCESS_ERRORS,
  'PasswordQueueFull.queue_full': 'login_busy',
  'UserDatabaseError.unavailable': 'users_unavailable',
  'UserDatabaseError.misconfigured': 'users_unavailable',
  'UserDatabaseError.failed': 'internal_error',
  ...STORE_ERRORS,
};

export const problems = new ProblemRegistry({ problems: PROBLEMS, errors: ERRORS });
