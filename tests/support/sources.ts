/** Reads the shipped sources and what they import, with TypeScript's own parser; components by their script parts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Source {
  /** Path from the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** Path from the root for a file of ours, else the package's name. */
  readonly to: string;
  readonly ours: boolean;
  /** Erased when compiled. `import { type A }` is not: verbatimModuleSyntax keeps the import itself. */
  readonly typeOnly: boolean;
}

/** All .ts and .svelte files below these folders of the repository. */
export function readSources(folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .filter((path) => /\.(ts|svelte)$/.test(path))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
  );
}

/** The TypeScript of a file: all of it, or a component's script parts. */
export function parse(source: Source): ts.SourceFile {
  const code = source.path.endsWith('.svelte') ? scriptsOf(source.text) : source.text;
  return ts.createSourceFile(source.path, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/** A component's scripts, other lines left empty so that line numbers hold. */
function scriptsOf(text: string): string {
  let code = '';
  let at = 0;
  for (const match of text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)) {
    const start = match.index + match[0].indexOf('>') + 1;
    const body = match[1] ?? '';
    code += text.slice(at, start).replace(/[^\n]/g, '') + body;
    at = start + body.length;
  }
  return code;
}

/** Calls `visit` for every node of a file. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Every import of a file: declarations, re-exports, `import()` and types by `import('…')`. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    found.push({ from: source.path, ...resolve(source.path, specifier.text), typeOnly });
  };
  walk(parse(source), (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    }
  });
  return found;
}

/** Relative specifiers carry their extension here, so resolving is joining. Vite's `?worker`, `?url` do not matter. */
function resolve(from: string, specifier: string): { to: string; ours: boolean } {
  const bare = specifier.replace(/\?.*$/, '');
  if (!bare.startsWith('.')) return { to: packageOf(bare), ours: false };
  return { to: posix.join(posix.dirname(from), bare), ours: true };
}

/** `@scope/name` or `name` of a specifier with or without a path. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

/** The text without comments. Good enough to look for names: a `//` after a colon belongs to an address. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}
