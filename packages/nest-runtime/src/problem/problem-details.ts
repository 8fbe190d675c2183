/** One thing that is wrong with a request. Exactly one of `pointer`, `parameter` and `header` says where. */
export interface ProblemFault {
  /** JSON pointer into the body, as a URI fragment: `#/parameters/from`. */
  readonly pointer?: string;
  /** Name of a query or path parameter. */
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

/** The body of an error answer: `application/problem+json` of RFC 9457, with a stable `code`. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** The path that was asked for, without its query. */
  readonly instance: string;
  readonly requestId: string;
  readonly errors?: readonly ProblemFault[];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The OpenAPI schema of `ProblemDetails`. */
export const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance', 'requestId'],
  properties: {
    type: { type: 'string', example: 'urn:mooring:problem:validation_failed' },
    title: { type: 'string', example: 'The request is not valid' },
    status: { type: 'integer', example: 400 },
    code: { type: 'string', description: 'Stable name of the problem', example: 'validation_failed' },
    detail: { type: 'string', example: 'The request has a fault; see errors.' },
    instance: { type: 'string', example: '/v1/things' },
    requestId: { type: 'string', example: '4b9f1c1e-6f0a-4a53-9a38-2a0b1d6c7e55' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['detail'],
        properties: {
          pointer: { type: 'string', example: '#/name' },
          parameter: { type: 'string' },
          header: { type: 'string' },
          detail: { type: 'string', example: 'must be text' },
        },
      },
    },
  },
};
