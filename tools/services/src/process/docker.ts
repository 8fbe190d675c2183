import type { Machine } from '../machine.ts';

/** The docker command, when a daemon answers it; else why not. */
export async function findDocker(machine: Machine): Promise<{ command: string } | { refusal: string }> {
  const command = machine.findOnPath('docker');
  if (command === undefined) return { refusal: 'no docker command on the PATH' };
  const { code, output } = await machine.run(command, ['info', '--format', '{{.ServerVersion}}'], 10_000);
  if (code === 0) return { command };
  return { refusal: `the Docker daemon does not answer (${output.split('\n').at(-1)?.trim() ?? ''})` };
}
