import { expect, it } from '@jest/globals';
import { judgeAnswer } from './documented.ts';

function judged(status: number, code?: string, retryAfter?: string): string {
  const headers = new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter });
  return judgeAnswer({ status, headers, body: code === undefined ? {} : { code } }, [200]);
}

it('takes what was asked for, and refusals as they are documented', () => {
  expect(judged(200)).toBe('good');
  expect(judged(503, 'store_unavailable', '5')).toBe('refused');
  expect(judged(429, 'too_many_requests', '1')).toBe('refused');
  expect(judged(502, 'outcome_unknown')).toBe('refused');
});

it('takes no refusal without Retry-After, none without a code, and nothing else', () => {
  expect(judged(503, 'store_unavailable')).toBe('undocumented');
  expect(judged(503, 'store_unavailable', '0')).toBe('undocumented');
  expect(judged(503, undefined, '5')).toBe('undocumented');
  expect(judged(500, 'internal_error')).toBe('undocumented');
  expect(judged(502, 'bad_gateway')).toBe('undocumented');
  expect(judged(401, 'unauthenticated')).toBe('undocumented');
});
