import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEPLOY, filesBelow, readYaml } from './deployment-files.fixture.ts';
import { podOf } from './manifests.fixture.ts';
import type { Kustomization } from './manifests.fixture.ts';
import { OVERLAYS, buildOverlay, hasKubectl } from './overlays.fixture.ts';

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

(hasKubectl ? describe : describe.skip).each(OVERLAYS)('the overlay %s [optional: needs kubectl]', (overlay) => {
  const objects = hasKubectl ? buildOverlay(overlay) : [];
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
});
