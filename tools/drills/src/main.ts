import { BACKENDS } from './backends.ts';
import { readCommand, USAGE } from './command-line.ts';
import type { Command } from './command-line.ts';
import { DRILLS } from './drills.ts';
import { formatReport, formatSummary } from './report.ts';
import { runDrill } from './run-drill.ts';
import type { DrillReport } from './run-drill.ts';
import { Site } from './site/site.ts';

/** @returns the exit code: 0 when every line of every verdict holds, 1 when not or a drill could not run, 2 for wrong arguments */
async function main(args: readonly string[]): Promise<number> {
  let command: ReturnType<typeof readCommand>;
  try {
    command = readCommand(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return 2;
  }
  if (command === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { drills, all } = command;
  if (drills.length === 0 && !all) {
    process.stdout.write(`${listDrills()}\n\n${USAGE}\n`);
    return 0;
  }
  const unknown = drills.filter((drill) => !DRILLS.some(({ name }) => name === drill));
  if (unknown.length > 0) {
    process.stderr.write(`There is no drill "${unknown.join('", "')}". There are:\n${listDrills()}\n`);
    return 2;
  }
  const reports = await runAll(command);
  if (reports.length === 0) {
    process.stderr.write(`${drills.join(', ')}: not on these backends\n`);
    return 2;
  }
  process.stdout.write(command.json ? `${JSON.stringify(reports, null, 2)}\n` : `${formatSummary(reports)}\n`);
  return reports.every(({ ok }) => ok) ? 0 : 1;
}

/** Drills of a backend share their processes, unless one left them broken. */
async function runAll({ drills, all, backends = BACKENDS, seconds, json }: Command): Promise<readonly DrillReport[]> {
  const reports: DrillReport[] = [];
  for (const backend of backends) {
    let site: Site | undefined;
    for (const one of DRILLS) {
      if (!(all || drills.includes(one.name)) || !one.backends.includes(backend)) continue;
      progress(`${one.name} on ${backend}`);
      let report: DrillReport;
      try {
        site ??= await Site.start(backend);
        report = await runDrill(site, one, { seconds, progress });
      } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        report = {
          drill: one.name,
          backend,
          seconds,
          ok: false,
          lines: [{ name: 'the drill runs', ok: false, reason }],
        };
      }
      reports.push(report);
      const failed = report.lines.filter(({ ok }) => !ok).map(({ name, reason }) => `${name}: ${reason}`);
      progress(`${one.name} on ${backend}: ${report.ok ? 'passed' : `FAILED: ${failed.join('; ')}`}`);
      if (!json) process.stdout.write(`${formatReport(report)}\n\n`);
      if (!report.ok) {
        await site?.stop();
        site = undefined;
      }
    }
    await site?.stop();
  }
  return reports;
}

function listDrills(): string {
  const width = Math.max(...DRILLS.map(({ name }) => name.length));
  return DRILLS.map(({ name, purpose, backends }) => {
    const where = backends.length === BACKENDS.length ? 'every backend' : backends.join(', ');
    return `  ${name.padEnd(width)}  ${purpose} (${where})`;
  }).join('\n');
}

const startedAt = performance.now();
function progress(line: string): void {
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
