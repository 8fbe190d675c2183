import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { runCheck } from '../harness.ts';
import { MUTANTS } from '../mutants/mutants.ts';
import { simulatedHarness } from '../simulated-server.fixture.ts';
import { TOPICS } from '../topics/topics.ts';
import type { Checks } from '../harness.ts';
import { checksOf } from './named-checks.ts';
import { PEER_DEFECTS } from './peer-defects.ts';
import type { PeerDefect } from './peer-defects.ts';

const ROOT = new URL('../../../../', import.meta.url);
const NUMBERED: readonly (readonly [number, string, PeerDefect])[] = PEER_DEFECTS.map((defect, index) => [
  index + 1,
  `${defect.peer}: ${defect.defect}`,
  defect,
]);

/** Whether a check with one of the ids fails the mutant. */
async function isFound(name: string, ids: readonly string[]): Promise<boolean> {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant "${name}"`);
  const harness = mutant.breaks(simulatedHarness());
  for (const { topic, check } of ids.flatMap((id) => checksOf(id, TOPICS))) {
    const run = (TOPICS as Readonly<Record<string, Checks>>)[topic]?.[check];
    if (run === undefined || topic === 'model-runs') continue;
    const failed = await runCheck(harness, run).then(
      () => false,
      () => true,
    );
    if (failed) return true;
  }
  return false;
}

describe('the twenty peer defects', () => {
  it('are twenty', () => {
    expect(PEER_DEFECTS).toHaveLength(20);
  });

  it.each(NUMBERED)('%i. %s', async (_number, _name, defect) => {
    if ('elsewhere' in defect) {
      expect(existsSync(new URL(defect.elsewhere.guard, ROOT))).toBe(true);
      return;
    }
    for (const mutant of defect.mutants)
      expect([mutant, await isFound(mutant, defect.foundBy)]).toEqual([mutant, true]);
  });
});
