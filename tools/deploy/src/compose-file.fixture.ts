import { readYaml } from './deployment-files.fixture.ts';

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly cap_drop?: readonly string[];
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Partial<ComposeService>>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export function composeFile(): ComposeFile {
  const [file] = readYaml<ComposeFile>('compose/compose.yaml');
  return file ?? { services: {}, networks: {}, volumes: {} };
}

/** As compose fills it in, with a password for each that it asks for. */
export function environmentOf({ environment = {} }: Partial<ComposeService>): Record<string, string> {
  const fill = (value: string) => value.replaceAll(/\$\{([A-Z_]+):\?[^}]*\}/g, 'a-long-password-of-$1');
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)]));
}
