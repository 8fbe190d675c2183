import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { DEPLOY, filesBelow, readYaml } from './deployment-files.fixture.ts';
import { podOf } from './manifests.fixture.ts';
import type { KubernetesObject } from './typed-objects.fixture.ts';
import type { Kustomization } from './manifests.fixture.ts';
import { objectsOf } from './kustomization.fixture.ts';
import { OVERLAYS, buildOverlay, kustomizedOverlay } from './overlays.fixture.ts';

describe('the kustomizations', () => {
  const places = filesBelow('kubernetes', /^kustomization\.yaml$/);

  it('name files and folders that are there, and leave none out', () => {
    const named = places.flatMap((place) => {
      const [{ resources = [], components = [] } = {}] = readYaml<Kustomization>(place);
      return [...resources, ...components].map((name) => join(dirname(place), name));
    });
    expect(named.filter((place) => !existsSync(join(DEPLOY, place)))).toEqual([]);
    const objects = filesBelow('kubernetes', /\.yaml$/).filter((place) => !place.endsWith('kustomization.yaml'));
    expect(objects.filter((place) => !named.includes(place))).toEqual([]);
  });

  it('are an overlay for each scenario', () => {
    expect(places.filter((place) => place.includes('/overlays/'))).toHaveLength(OVERLAYS.length);
  });
});

describe.each(OVERLAYS)('the overlay %s', (overlay) => {
  const objects = buildOverlay(overlay);
  const find = (kind: string, name: string | undefined) =>
    objects.find(({ kind: its, metadata }) => its === kind && metadata.name === name);

  it('makes objects of one namespace that refer to each other', () => {
    expect(objects.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'mooring')).toEqual(
      [],
    );
    const missing = objects.flatMap((object) => {
      const pod = podOf(object);
      const account = pod?.serviceAccountName;
      return [
        ...(account === undefined || find('ServiceAccount', account) ? [] : [account]),
        ...(pod?.containers ?? []).flatMap(({ envFrom = [] }) =>
          envFrom.flatMap(({ configMapRef }) => (find('ConfigMap', configMapRef?.name) ? [] : [configMapRef?.name])),
        ),
      ];
    });
    expect(missing).toEqual([]);
  });

  const itMakes = kustomizedOverlay(overlay) === undefined ? it.skip : it; // reason: an overlay is checked without it, too
  itMakes('is what kustomize makes of it [optional: needs kubectl]', () => {
    const byName = (all: readonly KubernetesObject[]) =>
      new Map(all.map((object) => [`${object.kind} ${object.metadata.name ?? ''}`, object]));
    expect(byName(kustomizedOverlay(overlay) ?? [])).toEqual(byName(objects));
  });
});

describe('a kustomization', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  const objects = (...lines: readonly string[]): unknown => {
    const folder = mkdtempSync(join(tmpdir(), 'mooring-kustomize-'));
    folders.push(folder);
    writeFileSync(join(folder, 'kustomization.yaml'), `kind: Kustomization\n${lines.join('\n')}\n`);
    writeFileSync(join(folder, 'a.yaml'), 'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n');
    return objectsOf(relative(DEPLOY, folder));
  };

  it.each([
    ['a member', ['namePrefix: x-']],
    ['a way to generate', ['configMapGenerator: [{ name: m, files: [a.yaml] }]']],
    ['a behavior', ['configMapGenerator: [{ name: m, behavior: replace, literals: [] }]']],
    [
      'a merge',
      ['resources: [a.yaml]', 'patches: [{ patch: "{ apiVersion: v1, kind: Service, metadata: { name: a } }" }]'],
    ],
    ['a target', ['resources: [a.yaml]', 'patches: [{ target: { kind: Service, name: a, group: g }, patch: "[]" }]']],
    [
      'an operation',
      [
        'resources: [a.yaml]',
        'patches: [{ target: { kind: Service, name: a }, patch: "[{ op: remove, path: /spec }]" }]',
      ],
    ],
  ])('with %s that nobody here knows is refused', (_, lines) => {
    expect(() => objects(...lines)).toThrow(/not known here/);
  });

  it('that means something that is not there is refused', () => {
    expect(() => objects('configMapGenerator: [{ name: m, behavior: merge, literals: [] }]')).toThrow(/to merge/);
    expect(() => objects('patches: [{ target: { kind: Service, name: b }, patch: "[]" }]')).toThrow(/meets nothing/);
    expect(objects('namespace: n', 'resources: [a.yaml]')).toEqual([
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a', namespace: 'n' } },
    ]);
  });
});
