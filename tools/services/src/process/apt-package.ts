import type { Machine } from '../machine.ts';

const TIMEOUT_MS = 300_000;

// Debian starts a service right after installing it unless /usr/sbin/policy-rc.d says no; the file is only put there
// for the installation, and only when there is none. One installation at a time: the lock is shared by all processes.
const INSTALL = `
exec 9>"\${TMPDIR:-/tmp}/mooring-apt.lock"
command -v flock >/dev/null && flock 9
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi
apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$1"
`;

/** Installs a Debian or Ubuntu package without starting its service. Returns why it could not, or undefined. */
export async function installWithApt(machine: Machine, packageName: string): Promise<string | undefined> {
  if (machine.findOnPath('apt-get') === undefined) return 'no apt-get on the PATH (not Debian or Ubuntu)';
  if (!machine.isRoot) return `installing the package ${packageName} needs root`;
  const { code, output } = await machine.run('/bin/sh', ['-c', INSTALL, 'install', packageName], TIMEOUT_MS);
  return code === 0
    ? undefined
    : `installing ${packageName} failed: ${output.split('\n').at(-1) ?? `exit code ${code}`}`;
}
