import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';

describe('public API of nest-runtime', () => {
  it('is these names', () => {
    expect(Object.keys(api).sort()).toEqual([
      'HealthIndicator',
      'Logger',
      'Metrics',
      'ProblemError',
      'ProblemRegistry',
      'ServiceLifecycle',
      'TenantNames',
      'apiProblems',
      'beginSpan',
      'bootJob',
      'bootService',
      'callMetrics',
      'createLogger',
      'describeApi',
      'members',
      'pageQuery',
      'problemReference',
      'requestScope',
      'traced',
      'validationProblem',
      'wholeNumber',
    ]);
  });
});
