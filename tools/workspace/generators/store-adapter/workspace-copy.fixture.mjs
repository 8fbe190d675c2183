import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT, runCommand } from '../../command.mjs';

/** What is made, not written. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'dist-spec', 'coverage', '.git', '.nx', '.mooring']);
const OWN_SCOPE = '@mooring';

/** Neither the run that this spec is part of nor its workspace must be seen by what runs in the copy. */
function environment() {
  const inherited = Object.keys(process.env).filter((name) => name.startsWith('NX_') || name.startsWith('MOORING_'));
  return {
    ...Object.fromEntries(inherited.map((name) => [name, undefined])),
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
    FORCE_COLOR: undefined,
    NO_COLOR: '1',
  };
}

/** Everything that is installed, by links; packages of the workspace are those of the copy. */
function linkInstalled(root) {
  const installed = join(ROOT, 'node_modules');
  mkdirSync(join(root, 'node_modules', OWN_SCOPE), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name === OWN_SCOPE || name.startsWith('.') !== (name === '.bin')) continue;
    symlinkSync(join(installed, name), join(root, 'node_modules', name));
  }
  for (const name of readdirSync(join(installed, OWN_SCOPE))) {
    const folder = realpathSync(join(installed, OWN_SCOPE, name));
    symlinkSync(folder.replace(realpathSync(ROOT), root), join(root, 'node_modules', OWN_SCOPE, name));
  }
}

/** The workspace as it is written, in a folder of its own. */
export class WorkspaceCopy {
  constructor(root) {
    this.root = root;
  }

  static make() {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'mooring-workspace-')));
    cpSync(ROOT, root, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    linkInstalled(root);
    return new WorkspaceCopy(root);
  }

  /** Runs an installed program in the copy, or in a folder of it. */
  run(program, args, folder = '') {
    const command = join(this.root, 'node_modules', '.bin', program);
    return runCommand(command, args, { capture: true, cwd: join(this.root, folder), env: environment() });
  }

  node(args, folder = '') {
    return runCommand(process.execPath, args, { capture: true, cwd: join(this.root, folder), env: environment() });
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true });
  }
}
