import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Site } from './site/site.ts';
import { readSoakCommand, SOAK_USAGE } from './soak/soak-command-line.ts';
import type { SoakCommand } from './soak/soak-command-line.ts';
import { formatSamples, formatSoak } from './soak/soak-report.ts';
import { soak } from './soak/soak.ts';

/** @returns the exit code: 0 when all is flat and every line holds, 1 when not, 2 for wrong arguments */
async function main(args: readonly string[]): Promise<number> {
  let command: ReturnType<typeof readSoakCommand>;
  try {
    command = readSoakCommand(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${SOAK_USAGE}\n`);
    return 2;
  }
  if (command === 'help') {
    process.stdout.write(`${SOAK_USAGE}\n`);
    return 0;
  }
  return run(command);
}

async function run({ backend, minutes, sampleSeconds, folder }: SoakCommand): Promise<number> {
  const startedAt = performance.now();
  const progress = (line: string): void => {
    process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
  };
  progress(`starts two of each service on ${backend}`);
  const site = await Site.start(backend, {}, 'collect-garbage');
  try {
    const report = await soak(site, { minutes, sampleSeconds, progress });
    await mkdir(folder, { recursive: true });
    const { samples, ...rest } = report;
    const shown = samples.map(({ at, values }) => ({ at, ...Object.fromEntries(values) }));
    await writeFile(join(folder, `soak-${backend}.json`), `${JSON.stringify({ ...rest, samples: shown }, null, 2)}\n`);
    await writeFile(join(folder, `soak-${backend}.csv`), `${formatSamples(report)}\n`);
    process.stdout.write(`${formatSoak(report)}\n\nThe samples are in ${folder}.\n`);
    return report.ok ? 0 : 1;
  } finally {
    await site.stop();
  }
}

process.exitCode = await main(process.argv.slice(2));
