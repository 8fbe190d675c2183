import ts from 'typescript';

export type FileRole = 'source' | 'spec' | 'fixture' | 'config';

export interface ImportReference {
  readonly specifier: string;
  readonly line: number;
  readonly kind: 'static' | 'type' | 'dynamic';
}

export interface SourceFile {
  /** Relative to the root of the workspace, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly role: FileRole;
  readonly syntax: ts.SourceFile;
  readonly imports: readonly ImportReference[];
  /** Lines with an import() or require() whose argument is not a plain text, so that nobody can tell what it loads. */
  readonly unreadableImports: readonly number[];
  /** Every text literal in the file that is not the specifier of an import. */
  readonly literals: ReadonlySet<string>;
}

function roleOf(path: string): FileRole {
  if (/\.spec\.m?ts$|\.spec\.mjs$|\/test\//.test(path)) return 'spec';
  if (/\.fixture\.(ts|mjs)$/.test(path)) return 'fixture';
  return /\.config\.(ts|mjs)$/.test(path) ? 'config' : 'source';
}

function isLoadCall(call: ts.CallExpression): boolean {
  const { expression } = call;
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(expression) && expression.text === 'require';
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

/** Reads one TypeScript or JavaScript file: what it imports in any way, and its syntax for other rules. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: ImportReference[] = [];
  const unreadableImports: number[] = [];
  const literals = new Set<string>();
  const lineOf = (node: ts.Node): number => syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1;
  const add = (node: ts.Node, specifier: ts.Node | undefined, kind: ImportReference['kind']): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      imports.push({ specifier: specifier.text, line: lineOf(node), kind });
    } else {
      unreadableImports.push(lineOf(node));
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, isTypeOnly(node) ? 'type' : 'static');
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node, node.moduleSpecifier, isTypeOnly(node) ? 'type' : 'static');
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node, node.moduleReference.expression, node.isTypeOnly ? 'type' : 'static');
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, 'type');
    } else if (ts.isCallExpression(node) && isLoadCall(node)) {
      add(node, node.arguments[0], 'dynamic');
      for (const argument of node.arguments.slice(1)) visit(argument);
    } else {
      if (ts.isStringLiteralLike(node)) literals.add(node.text);
      ts.forEachChild(node, visit);
    }
  };
  visit(syntax);
  return { path, text, role: roleOf(path), syntax, imports, unreadableImports, literals };
}

/** The package that a specifier names, or undefined for a relative path. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('/')) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
