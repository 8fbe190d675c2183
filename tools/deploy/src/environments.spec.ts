import { describe, expect, it } from '@jest/globals';
import { composeFile, environmentOf } from './compose-file.fixture.ts';
import { SERVICES } from './deployment-files.fixture.ts';
import type { ServiceName } from './deployment-files.fixture.ts';
import { podOf } from './manifests.fixture.ts';
import { OVERLAYS, buildOverlay, containerEnvironment } from './overlays.fixture.ts';
import { environmentFaults } from './service-environments.fixture.ts';

describe('a service', () => {
  it('says what is wrong with an environment', () => {
    const faults = environmentFaults('auth-api', { MOORING_WAREHOUSE_CLUSTER: 'main', PGPASSWORD: 'x' });
    expect(faults.join()).toMatch(
      /PGPASSWORD is read by nobody.*WAREHOUSE_CLUSTER: is not a variable.*DATABASE_URL: is required/s,
    );
  });
});

describe('compose', () => {
  it.each(SERVICES)('gives %s an environment that it starts with', (name) => {
    expect(environmentFaults(name, environmentOf(composeFile().services[name] ?? {}))).toEqual([]);
  });
});

describe('the overlays', () => {
  it.each(OVERLAYS)('%s gives each container an environment that its service starts with', (overlay) => {
    const objects = buildOverlay(overlay);
    const containers = objects.flatMap((object) => podOf(object)?.containers ?? []);
    const ours = containers.filter(({ name }) => SERVICES.includes(name as ServiceName));
    expect(new Set(ours.map(({ name }) => name))).toEqual(new Set(SERVICES));
    const faults = ours.flatMap((container) =>
      environmentFaults(container.name as ServiceName, containerEnvironment(container, objects)),
    );
    expect(faults).toEqual([]);
    for (const { REDIS_URL: url, REDIS_PASSWORD: password } of ours.map((one) => containerEnvironment(one, objects))) {
      if (url !== undefined) expect(password).toBe('secret-of-redis');
    }
  });
});
