import { Option } from 'commander';
import type { Command } from 'commander';
import { action, repeated } from '../command.ts';
import type { CommandContext, ProgramContext } from '../command.ts';
import { SERVICES } from '../doctor/configuration-findings.ts';
import type { ServiceName } from '../doctor/configuration-findings.ts';
import { examine } from '../doctor/examination.ts';
import type { Finding } from '../doctor/finding.ts';
import { EXIT } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { textOf } from '../terminal/table.ts';

interface DoctorOptions {
  readonly service?: ServiceName;
  readonly url?: readonly string[];
}

export function doctorCommand(command: Command, context: ProgramContext): void {
  command
    .addOption(
      new Option('--service <name>', 'whose environment this is: it is read as by that service').choices(SERVICES),
    )
    .option('--url <url>', 'a service that runs, to ask whether it is ready; may be given several times', repeated);
  action<DoctorOptions>(command, context, doctor);
}

async function doctor(context: CommandContext, { service, url = [] }: DoctorOptions): Promise<ExitCode> {
  const { env, clock, nodeVersion, output } = context;
  const findings = await examine({ env, service, urls: url, nodeVersion, clock });
  const failures = findings.filter(({ status }) => status === 'failed').length;
  const warnings = findings.filter(({ status }) => status === 'warning').length;
  output.result({ healthy: failures === 0, failures, warnings, findings }, () => findings.map(shownFinding).join(''));
  output.note(`${countOf(failures, 'failure')}, ${countOf(warnings, 'warning')}.`);
  return failures > 0 ? EXIT.failed : EXIT.done;
}

function shownFinding({ status, check, found, remedy }: Finding): string {
  const line = `${status.padEnd(8)}${check.padEnd(19)}${textOf(found)}\n`;
  return remedy === undefined ? line : `${line}${' '.repeat(27)}Remedy: ${textOf(remedy)}.\n`;
}

function countOf(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
}
