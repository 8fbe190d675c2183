import { expect, it } from '@jest/globals';

it('exports what its users rely on', async () => {
  expect(Object.keys(await import('./index.ts')).sort()).toEqual([
    'ServiceError',
    'buildProjects',
    'findFreePort',
    'guardRole',
    'localMachine',
    'recordSpans',
    'runProgram',
    'startClientProcess',
    'startDynamo',
    'startFaultProxy',
    'startPostgres',
    'startRedis',
    'startService',
    'testDynamo',
    'testPostgres',
    'testRedis',
  ]);
});
