import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, installed, print, runCommand } from './command.mjs';
import { ensureInstalled, report } from './install.mjs';

/**
 * Installs and compiles what a tool needs, with a line before each, then becomes it: its program runs in this process, so arguments,
 * signals and the exit code are its own.
 * @param {string} name a folder of `tools`
 * @param {string} [program] in its `dist`
 */
export async function runTool(name, program = 'main') {
  try {
    await ensureInstalled();
    report(`compile: tools/${name} and what it needs; ten seconds the first time, later what changed …`);
    const started = performance.now();
    const { code, output } = await runCommand(installed('tsc'), ['-b', `tools/${name}`], { capture: true });
    if (code !== 0) throw new Error(`tools/${name} does not compile:\n${output.trim()}`);
    report(`compile: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const main = join(ROOT, 'tools', name, 'dist', `${program}.js`);
    if (!existsSync(main)) throw new Error(`tools/${name} has no src/${program}.ts`);
    process.argv[1] = main;
    await import(pathToFileURL(main).href);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
