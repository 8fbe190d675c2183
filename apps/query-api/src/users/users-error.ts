import { EngineError } from '@mooring/engine';
import { UserDatabaseError } from '@mooring/users';

/** Does the work; a failure of the users' database is one of the engine. @throws EngineError */
export async function inEngineWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UserDatabaseError)) throw error;
    const { code, message, retryable } = error;
    const known = code === 'unavailable' ? code : 'misconfigured';
    throw new EngineError({ code: known, message, retryable, cause: error });
  }
}
