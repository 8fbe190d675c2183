import { describe, expect, it } from '@jest/globals';
import { DockerfileParser } from 'dockerfile-ast';
import type { Instruction } from 'dockerfile-ast';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PORTS, SERVICES, WORKSPACE, readText } from './deployment-files.fixture.ts';

interface Stage {
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

const dockerfile = DockerfileParser.parse(readText('docker/Dockerfile'));
const stages = new Map<string, Stage>(
  dockerfile.getFROMs().map((from) => {
    const instructions = dockerfile.getContainingImage(from.getRange().start)?.getInstructions() ?? [];
    return [from.getBuildStage() ?? '', { image: from.getImage() ?? '', instructions }];
  }),
);
const LISTENING = [...SERVICES, 'redshift-data-local'];
const TARGETS = [...LISTENING, 'mooring-cli'];

/** What a stage has of one instruction, its bases first. */
function inherited(name: string, keyword: string): string[] {
  const stage = stages.get(name);
  if (stage === undefined) return [];
  const own = stage.instructions
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArgumentsContent() ?? '');
  return [...inherited(stage.image, keyword), ...own];
}

describe('the Dockerfile', () => {
  it('has a target for each program', () => {
    expect([...stages.keys()]).toEqual(expect.arrayContaining(TARGETS));
  });

  it('starts from one image of an exact version', () => {
    expect(dockerfile.getInitialARGs().map((arg) => arg.getArgumentsContent())).toEqual([
      expect.stringMatching(/^NODE_VERSION=\d+\.\d+\.\d+$/),
    ]);
    const bases = [...stages.values()].map(({ image }) => image).filter((image) => !stages.has(image));
    expect(bases).toEqual(['node:${NODE_VERSION}-bookworm-slim']);
  });

  it('installs what the lock file says, without scripts of packages', () => {
    const installs = inherited('build', 'RUN').filter((run) => run.includes('npm '));
    expect(installs).toEqual([expect.stringContaining('npm ci --ignore-scripts')]);
  });

  it('has no secret in an argument or a variable', () => {
    const settings = dockerfile.getInstructions().filter((one) => ['ARG', 'ENV'].includes(one.getKeyword()));
    const text = settings.map((one) => one.getArgumentsContent()).join('\n');
    expect(text).not.toMatch(/PASS|SECRET|TOKEN|KEY|_URL/);
  });

  it('copies what is there, and adds nothing from elsewhere', () => {
    expect(dockerfile.getInstructions().filter((one) => one.getKeyword() === 'ADD')).toEqual([]);
    const copied = dockerfile.getCOPYs().flatMap((copy) => {
      return copy.getFromFlag() === null ? (copy.getArgumentsContent() ?? '').split(/\s+/).slice(0, -1) : [];
    });
    expect(copied.filter((place) => !existsSync(join(WORKSPACE, place)))).toEqual([]);
    expect(copied).toContain('package-lock.json');
  });

  it.each(TARGETS)('%s runs as another user than root, stops on SIGTERM, and starts a file that is there', (target) => {
    expect(inherited(target, 'USER').at(-1)).toBe('node');
    expect(inherited(target, 'STOPSIGNAL').at(-1)).toBe('SIGTERM');
    const [program, file = ''] = JSON.parse(inherited(target, 'ENTRYPOINT').at(-1) ?? '[]') as string[];
    expect(program).toBe('node');
    expect(existsSync(join(WORKSPACE, file.replace('/dist/', '/src/').replace(/\.js$/, '.ts')))).toBe(true);
  });

  it.each(LISTENING)('%s says whether it is well', (target) => {
    expect(inherited(target, 'HEALTHCHECK').at(-1)).toMatch(/CMD \["node"/);
  });

  it.each(SERVICES)('%s listens on its own port, in production, and starts what is built', (service) => {
    expect(inherited(service, 'ENV').join(' ')).toContain(`MOORING_PORT=${PORTS[service]}`);
    expect(inherited(service, 'ENV').join(' ')).toContain('NODE_ENV=production MOORING_HOST=0.0.0.0');
    expect(inherited(service, 'EXPOSE')).toEqual([String(PORTS[service])]);
    expect(inherited(service, 'ENTRYPOINT')).toEqual([`["node", "apps/${service}/dist/main.js"]`]);
    expect(inherited(service, 'COPY')).toEqual([`/srv/collected/${service} ./`]);
    expect(inherited('build', 'RUN').at(-1)).toContain(`apps/${service} /srv/collected/${service}`);
  });
});

describe('the build context', () => {
  it('is a list of what may go in, without secrets and installed packages', () => {
    const rules = readText('../../.dockerignore').trim().split('\n');
    expect(rules[0]).toBe('*');
    expect(rules).toEqual(expect.arrayContaining(['**/node_modules', '**/.env', '!package-lock.json']));
    expect(rules).not.toContain('!.git');
  });
});
