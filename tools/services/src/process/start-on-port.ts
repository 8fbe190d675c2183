import { ServiceError } from '../errors.ts';
import { findFreePort } from './free-port.ts';

const ATTEMPTS = 120;
const PAUSE_MS = 250;

/**
 * Starts something on a port: the given one, or a free one, another one if it was taken meanwhile.
 * @param mayPass whether a failure on a given port is worth another try too
 */
export async function startOnPort<T>(
  givenPort: number | undefined,
  start: (port: number) => Promise<T>,
  mayPass: (error: ServiceError) => boolean = () => false,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(givenPort ?? (await findFreePort()));
    } catch (error) {
      if (!(error instanceof ServiceError) || attempt === ATTEMPTS) throw error;
      const portLost = error.code === 'port_in_use' && givenPort === undefined;
      if (!portLost && !mayPass(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
