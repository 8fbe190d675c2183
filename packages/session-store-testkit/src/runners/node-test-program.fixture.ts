import { describe, it } from 'node:test';
import { conformance } from '../conformance.ts';
import type { OptOut } from '../conformance.ts';
import { MUTANTS } from '../mutants/mutants.ts';
import { simulatedHarness } from '../simulated-server.fixture.ts';
import { TOPICS } from '../topics/topics.ts';

/** A part of the kit on the runner of Node.js, on a sound store or on the mutant that is named. */
const [topics = '', mutant] = process.argv.slice(2);
const chosen = topics.split(',');
const optOut: OptOut = Object.fromEntries(
  Object.keys(TOPICS)
    .filter((topic) => !chosen.includes(topic))
    .map((topic) => [topic, { reason: 'not chosen' }]),
);

const sound = simulatedHarness();
const broken = MUTANTS.find(({ name }) => name === mutant);
conformance({ describe, it }, broken?.breaks(sound) ?? sound, optOut);
