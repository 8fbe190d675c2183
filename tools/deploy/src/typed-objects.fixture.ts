import ts from 'typescript';
import { join } from 'node:path';
import { WORKSPACE } from './deployment-files.fixture.ts';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
}

const GROUPS: Readonly<Record<string, string>> = {
  v1: 'core/v1',
  'networking.k8s.io/v1': 'networking/v1',
};

/**
 * Faults of objects by the types that are made from the API's own description: unknown, missing and mistyped members, each
 * with its line in the object. The compiler knows no better how to say which object it is, so each has a file.
 */
export function typeFaults(objects: readonly KubernetesObject[]): string[] {
  const files = new Map(
    objects.map((object, place) => {
      const group = GROUPS[object.apiVersion] ?? object.apiVersion;
      const types = join(WORKSPACE, 'node_modules/kubernetes-types', group);
      const text = `import type { ${object.kind} } from ${JSON.stringify(types)};
export const object: ${object.kind} = ${JSON.stringify(object, null, 2)};`;
      return [join(WORKSPACE, `tools/deploy/${place}-${object.kind}-${object.metadata.name}.ts`), text];
    }),
  );
  const options: ts.CompilerOptions = {
    lib: ['lib.es5.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const plain = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...plain,
    fileExists: (name) => files.has(name) || plain.fileExists(name),
    getSourceFile: (name, version, ...rest) => {
      const text = files.get(name);
      return text === undefined
        ? plain.getSourceFile(name, version, ...rest)
        : ts.createSourceFile(name, text, version);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program.getSemanticDiagnostics(),
  ].map(({ file, start = 0, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line;
    return `${file?.fileName.slice(WORKSPACE.length)}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
