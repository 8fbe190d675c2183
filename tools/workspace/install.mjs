import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runCommand } from './command.mjs';

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return undefined;
  }
}

/**
 * What keeps node_modules from being what package-lock.json says, or undefined when nothing does. npm writes the list
 * of what it installed last, so an interrupted installation has none.
 * @param {string} root
 * @returns {string | undefined}
 */
export function findStale(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  if (wanted === undefined)
    throw new Error('package-lock.json is missing or unreadable. Remedy: git checkout package-lock.json');
  const present = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (present === undefined) return 'node_modules is missing or incomplete';
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue;
    const found = present[path];
    if (found === undefined && entry.optional === true) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (found === undefined) return `${name} is not installed`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${name} is installed in another version`;
    }
    if (entry.link === true && !existsSync(join(root, path))) return `${name} is not linked`;
  }
  return undefined;
}

/** Refuses a Node.js that the workspace does not support. */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Node.js ${version} is too old. Remedy: install Node.js 20.19 or later.`);
}

/** npm as it was started, else the one on the PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js') === true ? [process.execPath, [cli]] : ['npm', []];
}

/** Not on standard output, which belongs to what runs next: `bench --json` is read by machines. */
function report(line) {
  process.stderr.write(`${line}\n`);
}

/** Installs what package-lock.json says, only when something is missing or stale. Prints one line. */
export async function ensureInstalled(root = ROOT) {
  checkNode();
  const started = performance.now();
  const reason = findStale(root);
  if (reason === undefined) {
    report('install: node_modules is up to date');
    return;
  }
  report(`install: npm ci, because ${reason} …`);
  const [command, args] = npmCommand();
  const all = [...args, 'ci', '--no-audit', '--no-fund', '--loglevel', 'error'];
  const { code, output } = await runCommand(command, all, { capture: true, cwd: root });
  if (code !== 0) throw new Error(`npm ci failed with exit code ${code}:\n${output.trim()}`);
  report(`install: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
