import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, runCommand } from './command.mjs';

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return undefined;
  }
}

/** Holds the hash of the package-lock.json that was installed last by this program. */
const STAMP = join('node_modules', '.mooring-installed');

function hashLock(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function readStamp(root) {
  try {
    return readFileSync(join(root, STAMP), 'utf8');
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
  if (readStamp(root) === hashLock(root)) return undefined;
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

/** Not on standard output, which belongs to what runs next: `bench --json` is read by machines. */
export function report(line) {
  process.stderr.write(`${line}\n`);
}

/** npm as it was started, else the one on the PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js') === true ? [process.execPath, [cli]] : ['npm', []];
}

/**
 * Whether package-lock.json leaves out optional packages, as npm writes it when its registry does not carry programs for
 * some platforms. `npm ci` then refuses the file as out of sync, and `npm install --no-save` installs it as it is.
 * @param {string} root
 */
export function lacksOptionalPackages(root) {
  const packages = readLock(join(root, 'package-lock.json')) ?? {};
  return Object.entries(packages).some(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).some(
      (name) =>
        packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
    ),
  );
}

/** Installs what package-lock.json says, only when something is missing or stale. Prints one line before and after. */
export async function ensureInstalled(root = ROOT) {
  checkNode();
  const started = performance.now();
  const reason = findStale(root);
  if (reason === undefined) {
    report('install: node_modules is up to date');
    return;
  }
  const install = lacksOptionalPackages(root) ? ['install', '--no-save'] : ['ci'];
  report(`install: npm ${install.join(' ')}, because ${reason}; 700 MB in node_modules, one to two minutes …`);
  const [command, args] = npmCommand();
  const all = [...args, ...install, '--no-audit', '--no-fund', '--loglevel', 'error'];
  const { code, output } = await runCommand(command, all, { capture: true, cwd: root });
  if (code !== 0) throw new Error(`npm ${install[0]} failed with exit code ${code}:\n${output.trim()}`);
  writeFileSync(join(root, STAMP), hashLock(root));
  report(`install: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await ensureInstalled();
  } catch (error) {
    report(error.message);
    process.exitCode = 1;
  }
}
