import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { prepareEmbeddedBinaries } from './embedded-binaries.ts';

it('makes the links that npm could not, from many processes at once and again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-spec-'));
  await mkdir(join(folder, 'native', 'bin'), { recursive: true });
  await mkdir(join(folder, 'native', 'lib'));
  for (const name of ['initdb', 'postgres']) await writeFile(join(folder, 'native', 'bin', name), '', { mode: 0o600 });
  await writeFile(join(folder, 'native', 'lib', 'libpq.so.5.18'), 'library');
  const links = [
    { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' },
    { source: 'native/lib/libpq.so.5.18', target: 'native/lib/nested/libpq.so.5' },
  ];
  await writeFile(join(folder, 'native', 'pg-symlinks.json'), JSON.stringify(links));
  await Promise.all(Array.from({ length: 8 }, () => prepareEmbeddedBinaries(folder)));
  expect(await readlink(join(folder, 'native', 'lib', 'libpq.so'))).toBe('libpq.so.5.18');
  expect(existsSync(join(folder, 'native', 'lib', 'nested', 'libpq.so.5'))).toBe(true);
  expect((await stat(join(folder, 'native', 'bin', 'postgres'))).mode & 0o555).toBe(0o555);
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});
