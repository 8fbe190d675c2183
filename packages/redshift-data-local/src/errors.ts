/** A refusal as the service words it. `type` is what SDKs see as the name of the error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
    readonly members: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export function validation(message: string): ApiError {
  return new ApiError('ValidationException', message);
}

export function notFound(message: string, resourceId: string): ApiError {
  return new ApiError('ResourceNotFoundException', message, 400, { ResourceId: resourceId });
}

/** What can be wrong with the options of the server itself. */
export class LocalError extends Error {
  override readonly name = 'LocalError';

  constructor(
    readonly code: 'invalid_option' | 'port_in_use' | 'postgres_unreachable',
    message: string,
    override readonly cause?: unknown,
  ) {
    super(message, { cause });
  }
}
