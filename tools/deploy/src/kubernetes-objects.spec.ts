import { describe, expect, it } from '@jest/globals';
import { typeFaults } from './typed-objects.fixture.ts';
import { manifests } from './manifests.fixture.ts';

describe('the objects', () => {
  it('are what the API of Kubernetes describes', () => {
    expect(typeFaults(manifests().map(({ object }) => object))).toEqual([]);
  });

  it('are refused with an unknown, a missing or a mistyped member', () => {
    const metadata = { name: 'planted' };
    const container = { name: 'a', image: 'a:1', portz: [] };
    const template = { spec: { containers: [container] } };
    const faults = typeFaults([
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: {}, template } } as never,
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: {} } } as never,
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: '80' }] } } as never,
    ]);
    expect(faults).toEqual([
      expect.stringMatching(/portz.* does not exist in type 'Container'/),
      expect.stringContaining("Property 'template' is missing"),
      expect.stringContaining("Type 'string' is not assignable to type 'number'"),
    ]);
  });
});
