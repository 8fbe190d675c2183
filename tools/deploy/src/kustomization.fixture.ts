import { join } from 'node:path';
import { parseYaml, readYaml } from './deployment-files.fixture.ts';
import { podOf } from './manifests.fixture.ts';
import type { KubernetesObject } from './typed-objects.fixture.ts';

/** Of kustomize what the files use; whatever else one of them asks for is refused. */
interface Kustomization {
  readonly namespace?: string;
  readonly labels?: readonly Labels[];
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
  readonly configMapGenerator?: readonly GeneratedMap[];
  readonly patches?: readonly Patch[];
}

interface Labels {
  readonly pairs: Readonly<Record<string, string>>;
  readonly includeTemplates: true;
}

interface GeneratedMap {
  readonly name: string;
  readonly behavior?: 'merge';
  readonly literals: readonly string[];
}

interface Patch {
  readonly target?: { readonly kind: string; readonly name: string };
  readonly patch: string;
}

interface Addition {
  readonly op: 'add';
  readonly path: string;
  readonly value: unknown;
}

type Tree = Record<string, unknown>;

/** The objects that a folder makes, as `kubectl kustomize` does, but for the hashes in names of generated maps. */
export function objectsOf(folder: string): KubernetesObject[] {
  return applied(folder, []);
}

/** A component changes what there is; a kustomization of its own begins with nothing. */
function applied(folder: string, given: readonly KubernetesObject[]): KubernetesObject[] {
  const [read] = readYaml<Tree>(join(folder, 'kustomization.yaml'));
  const kustomization = known(read ?? {}, folder);
  const { resources = [], components = [], configMapGenerator = [], patches = [] } = kustomization;
  let objects = [...given, ...resources.flatMap((name) => resourcesOf(join(folder, name)))];
  for (const component of components) objects = applied(join(folder, component), objects);
  for (const map of configMapGenerator) objects = generated(objects, map, folder);
  for (const patch of patches) objects = patched(objects, patch, folder);
  for (const object of objects) complete(object, kustomization);
  return objects;
}

function resourcesOf(place: string): KubernetesObject[] {
  return place.endsWith('.yaml') ? readYaml<KubernetesObject>(place) : objectsOf(place);
}

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  kustomization: [
    ...['apiVersion', 'kind', 'namespace', 'labels', 'resources', 'components', 'images', 'configMapGenerator'],
    'patches',
  ],
  labels: ['pairs', 'includeTemplates'],
  images: ['name', 'newTag'],
  configMapGenerator: ['name', 'behavior', 'literals'],
  patches: ['target', 'patch'],
  target: ['kind', 'name'],
  addition: ['op', 'path', 'value'],
};

function requireKnown(part: string, value: object, folder: string): void {
  const unknown = Object.keys(value).find((name) => MEMBERS[part]?.includes(name) !== true);
  if (unknown !== undefined) throw new Error(`${folder}: ${part} with ${unknown} is not known here.`);
}

function known(read: Tree, folder: string): Kustomization {
  requireKnown('kustomization', read, folder);
  for (const part of ['labels', 'images', 'configMapGenerator', 'patches']) {
    for (const value of (read[part] as Tree[] | undefined) ?? []) requireKnown(part, value, folder);
  }
  for (const { behavior = 'merge' } of (read['configMapGenerator'] as GeneratedMap[] | undefined) ?? []) {
    if (behavior !== 'merge') throw new Error(`${folder}: the behavior ${String(behavior)} is not known here.`);
  }
  return read;
}

function generated(objects: KubernetesObject[], map: GeneratedMap, folder: string): KubernetesObject[] {
  const data = Object.fromEntries(map.literals.map((literal) => literal.split(/=(.*)/s, 2) as [string, string]));
  const there = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === map.name);
  if ((there !== undefined) !== (map.behavior === 'merge')) {
    throw new Error(`${folder}: the map ${map.name} ${there === undefined ? 'is not there to merge' : 'is there'}.`);
  }
  if (there === undefined) {
    return [
      ...objects,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: map.name }, data } as KubernetesObject,
    ];
  }
  Object.assign((there as { data?: object }).data ?? {}, data);
  return objects;
}

function patched(objects: KubernetesObject[], { target, patch }: Patch, folder: string): KubernetesObject[] {
  const [parsed] = parseYaml<Tree | Addition[]>(patch);
  if (target === undefined) return without(objects, parsed as Tree, folder);
  requireKnown('target', target, folder);
  const name = new RegExp(`^(?:${target.name})$`);
  const targets = objects.filter(({ kind, metadata }) => kind === target.kind && name.test(metadata.name ?? ''));
  if (targets.length === 0) throw new Error(`${folder}: a patch of ${target.kind} ${target.name} meets nothing.`);
  for (const object of targets) {
    for (const addition of parsed as Addition[]) add(object as unknown as Tree, addition, folder);
  }
  return objects;
}

/** Of strategic merges, those that delete. */
function without(objects: KubernetesObject[], patch: Tree, folder: string): KubernetesObject[] {
  const { $patch: how, kind, apiVersion, metadata, ...more } = patch;
  const { name } = metadata as { name: string };
  if (how !== 'delete' || Object.keys(more).length > 0) {
    throw new Error(`${folder}: a merge with ${String(kind)} ${name} is not known here.`);
  }
  const kept = objects.filter(
    (object) => object.kind !== kind || object.apiVersion !== apiVersion || object.metadata.name !== name,
  );
  if (kept.length !== objects.length - 1) throw new Error(`${folder}: there is no ${String(kind)} ${name} to delete.`);
  return kept;
}

/** RFC 6902, of its operations the one that is used. */
function add(object: Tree, addition: Addition, folder: string): void {
  requireKnown('addition', addition, folder);
  if (addition.op !== 'add') throw new Error(`${folder}: the operation ${String(addition.op)} is not known here.`);
  const steps = addition.path.split('/').slice(1);
  const last = steps.pop() ?? '';
  const parent = steps.reduce<unknown>((place, step) => (place as Tree | undefined)?.[step], object);
  if (Array.isArray(parent) && last === '-') parent.push(structuredClone(addition.value));
  else if (typeof parent === 'object' && parent !== null && !Array.isArray(parent)) {
    (parent as Tree)[last] = structuredClone(addition.value);
  } else throw new Error(`${folder}: ${addition.path} is not there to add to.`);
}

/** What is of all objects of a kustomization. */
function complete(object: KubernetesObject, { namespace, labels = [], images = [] }: Kustomization): void {
  const { metadata } = object as { metadata: { namespace?: string } };
  if (namespace !== undefined && object.kind !== 'Namespace') metadata.namespace = namespace;
  for (const { pairs } of labels) for (const place of labelled(object)) Object.assign((place.labels ??= {}), pairs);
  for (const container of podOf(object)?.containers ?? []) {
    const image = images.find(({ name }) => name === container.image?.split(':')[0]);
    if (image !== undefined) container.image = `${image.name}:${image.newTag}`;
  }
}

interface Labelled {
  labels?: Record<string, string>;
}

/** The object, and what it makes by a template. */
function labelled(object: KubernetesObject): Labelled[] {
  const { metadata, spec } = object as unknown as { metadata: Labelled; spec?: Template };
  return [metadata, ...templatesOf(spec)];
}

interface Template {
  readonly template?: { metadata?: Labelled; spec?: Template };
  readonly jobTemplate?: { metadata?: Labelled; spec?: Template };
}

function templatesOf({ template, jobTemplate }: Template = {}): Labelled[] {
  return [template, jobTemplate].flatMap((one) =>
    one === undefined ? [] : [(one.metadata ??= {}), ...templatesOf(one.spec)],
  );
}
