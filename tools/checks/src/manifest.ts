import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of a package.json that rules read. */
export interface Manifest {
  readonly name?: string;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
  readonly mooring?: {
    /** Dependencies that no import names, each with the reason: what loads it. */
    readonly loadedByName?: Readonly<Record<string, string>>;
  };
}

export function readManifest(folder: string): Manifest {
  const file = join(folder, 'package.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new Error(`${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Dependencies that users of the package get with it. */
export function listRuntimeDependencies(manifest: Manifest): readonly string[] {
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
}

/** The line of a package.json that names something, or 1. */
export function findLine(text: string, word: string): number {
  const at = text.indexOf(`"${word}"`);
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
}
