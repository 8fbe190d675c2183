import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const SOURCES = dirname(dirname(fileURLToPath(import.meta.url)));

/** Compiles this package into a folder of its own, for specs that start processes; returns the folder. */
export async function compileSources(): Promise<string> {
  const parent = join(dirname(SOURCES), 'dist-spec');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'compiled-'));
  const files = (await readdir(SOURCES, { recursive: true })).filter((file) => /(?<!\.spec|\.fixture)\.ts$/.test(file));
  for (const file of files) {
    const { code } = await transform(await readFile(join(SOURCES, file), 'utf8'), {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    const output = join(folder, file.replace(/\.ts$/, '.mjs'));
    await mkdir(dirname(output), { recursive: true });
    await writeFile(
      output,
      code.replaceAll(/(from\s+'\.[^']*)\.ts'/g, "$1.mjs'").replaceAll(/(from\s+"\.[^"]*)\.ts"/g, '$1.mjs"'),
    );
  }
  return folder;
}
