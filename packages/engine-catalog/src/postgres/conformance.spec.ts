import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { catalogConformance } from '@mooring/engine/conformance';
import { auditConformance } from '../audit/audit-conformance.fixture.ts';
import { Scratch } from './scratch.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

catalogConformance({ describe, it }, 'PostgreSQL', () => scratch.catalog());
auditConformance('PostgreSQL', () => scratch.catalog());
