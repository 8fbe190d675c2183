import { EngineError } from '@mooring/engine';
import { PasswordQueueFull, UserDatabaseError } from '@mooring/users';

/** Does the work; a failure of the users' database, or of a full line of passwords, is one of the engine. @throws EngineError */
export async function inEngineWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw engineError(error);
  }
}

function engineError(error: unknown): unknown {
  if (error instanceof PasswordQueueFull) {
    return new EngineError({ code: 'too_busy', message: error.message, retryable: true, cause: error });
  }
  if (!(error instanceof UserDatabaseError)) return error;
  const { code, message, retryable } = error;
  return new EngineError({
    code: code === 'unavailable' ? code : 'misconfigured',
    message,
    retryable,
    cause: error,
  });
}
