import type { Answer } from '@mooring/e2e';

/** Answers of a service whose own part went well, but not that of what is behind it. */
const UNCERTAIN: ReadonlySet<unknown> = new Set(['outcome_unknown', 'query_lost']);

export type Judgement = 'good' | 'refused' | 'undocumented';

/** Whether an answer is one of those that were asked for, or one that the error reference has for a fault. */
export function judgeAnswer(
  { status, headers, body }: Pick<Answer, 'status' | 'headers' | 'body'>,
  expected: readonly number[],
): Judgement {
  if (expected.includes(status)) return 'good';
  const { code } = body;
  if (typeof code !== 'string') return 'undocumented';
  if (status === 503 || status === 429) return Number(headers.get('retry-after')) > 0 ? 'refused' : 'undocumented';
  return status === 502 && UNCERTAIN.has(code) ? 'refused' : 'undocumented';
}
