import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));
export const DEPLOY = join(WORKSPACE, 'tools/deploy');

export const SERVICES = ['auth-api', 'query-api', 'cleanup-worker'] as const;
export type ServiceName = (typeof SERVICES)[number];
/** Where each listens by default, as its configuration says. */
export const PORTS: Readonly<Record<ServiceName, number>> = {
  'query-api': 8000,
  'auth-api': 8001,
  'cleanup-worker': 8002,
};

export function readText(place: string): string {
  return readFileSync(join(DEPLOY, place), 'utf8');
}

/** The documents of a YAML text, with merge keys applied. Throws on a fault, a repeated key too. */
export function parseYaml<T>(text: string): T[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw fault;
    return document.toJS() as T;
  });
}

export function readYaml<T>(place: string): T[] {
  return parseYaml<T>(readText(place));
}

/** Files below a folder of the package, relative to the package. */
export function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(join(DEPLOY, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(DEPLOY.length + 1));
}
