import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ROOT } from './command.mjs';
import { checkNode, findStale, lacksOptionalPackages } from './install.mjs';

const LOCK = {
  '': { name: 'clone' },
  'packages/own': { name: '@clone/own' },
  'node_modules/@clone/own': { resolved: 'packages/own', link: true },
  'node_modules/lib': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/lib/node_modules/dep': { version: '2.0.0', integrity: 'sha512-b' },
  'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-c', optional: true },
};

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mooring-spec-'));
  mkdirSync(join(root, 'node_modules', '@clone', 'own'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function write(wanted, present) {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (present) writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: present }));
}

function installedPackages(change = {}) {
  const { '': _root, 'node_modules/other-platform': _other, ...present } = LOCK;
  return { ...present, ...change };
}

it('is fresh when everything but packages for other platforms is there', () => {
  write(LOCK, installedPackages());
  expect(findStale(root)).toBeUndefined();
});

it('is stale without what npm writes last', () => {
  write(LOCK);
  expect(findStale(root)).toBe('node_modules is missing or incomplete');
});

it.each([
  ['a package is missing', { 'node_modules/lib/node_modules/dep': undefined }, 'dep is not installed'],
  [
    'a version differs',
    { 'node_modules/lib': { version: '1.0.1', integrity: 'sha512-a' } },
    'lib is installed in another version',
  ],
  [
    'the contents differ',
    { 'node_modules/lib': { version: '1.0.0', integrity: 'sha512-z' } },
    'lib is installed in another version',
  ],
])('is stale when %s', (_name, change, reason) => {
  write(LOCK, installedPackages(change));
  expect(findStale(root)).toBe(reason);
});

it('is fresh after an installation of this very file, whatever npm made of it', () => {
  write(LOCK, {});
  expect(findStale(root)).toBe('@clone/own is not installed');
  const hash = createHash('sha256')
    .update(JSON.stringify({ packages: LOCK }))
    .digest('hex');
  writeFileSync(join(root, 'node_modules', '.mooring-installed'), hash);
  expect(findStale(root)).toBeUndefined();
  write({ ...LOCK, 'node_modules/more': { version: '1.0.0' } }, {});
  expect(findStale(root)).toBe('@clone/own is not installed');
});

it('is stale when the link to a package of the clone is gone', () => {
  write(LOCK, installedPackages());
  rmSync(join(root, 'node_modules', '@clone'), { recursive: true });
  expect(findStale(root)).toBe('@clone/own is not linked');
});

it('refuses to guess without package-lock.json', () => {
  expect(() => findStale(root)).toThrow(/package-lock.json is missing.*Remedy/);
});

it('is fresh in this clone, where the specs run', () => {
  expect(findStale(ROOT)).toBeUndefined();
});

it('refuses old versions of Node.js', () => {
  expect(() => checkNode('20.18.3')).toThrow(/20\.18\.3 is too old/);
  expect(() => checkNode('18.20.0')).toThrow(/Remedy/);
  for (const version of ['20.19.0', '22.0.0', '24.1.0']) checkNode(version);
});

it('sees a package-lock.json that leaves out programs for some platforms', () => {
  const swc = { version: '1.0.0', optionalDependencies: { 'swc-linux': '1.0.0', 'swc-darwin': '1.0.0' } };
  const linux = { version: '1.0.0', optional: true };
  write({ 'node_modules/swc': swc, 'node_modules/swc-linux': linux });
  expect(lacksOptionalPackages(root)).toBe(true);
  write({
    'node_modules/swc': swc,
    'node_modules/swc-linux': linux,
    'node_modules/swc/node_modules/swc-darwin': linux,
  });
  expect(lacksOptionalPackages(root)).toBe(false);
});
