import { describe, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { memoryHarness } from './conformance.fixture.ts';

conformance({ describe, it }, memoryHarness);
