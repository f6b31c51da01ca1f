import { parseAst } from 'vitest/node';

/** One import of a file: of another file, by its path in the project, or of a package, by its specifier. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly isPackage: boolean;
  readonly typeOnly: boolean;
  /** The names that are imported; `*` for all of them. */
  readonly names: readonly string[];
}

/** What the rules look at in a source file. */
export interface Source {
  readonly path: string;
  readonly imports: readonly Import[];
  /** The values that it exports, by name; types are not among them. */
  readonly exports: readonly string[];
  /** What it takes from its surroundings without an import: `fetch`, `process.env`, `Date.now`, … */
  readonly ambient: ReadonlySet<string>;
  /** Every `a.b` in it. */
  readonly members: ReadonlySet<string>;
}

interface Node extends Readonly<Record<string, unknown>> {
  readonly type: string;
}

/** Reads a file's imports, exports and ambient uses from its syntax tree. */
export function readSource(path: string, text: string): Source {
  const imports: Import[] = [];
  const exports: string[] = [];
  const ambient = new Set<string>();
  const members = new Set<string>();
  walk(parseAst(text, { lang: 'ts' }), (node, parent) => {
    imports.push(...importsOf(path, node));
    exports.push(...exportsOf(node));
    const use = ambientUse(node, parent);
    if (use) ambient.add(use);
    if (node.type === 'MemberExpression') members.add(memberOf(node));
  });
  return { path, imports, exports, ambient, members };
}

function walk(
  value: unknown,
  visit: (node: Node, parent: Node | null) => void,
  parent: Node | null = null,
): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit, parent);
  if (!isNode(value)) return;
  visit(value, parent);
  for (const child of Object.values(value)) walk(child, visit, value);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

function importsOf(from: string, node: Node): readonly Import[] {
  const specifier = IMPORTING.has(node.type) ? textOf(node.source) : undefined;
  if (specifier === undefined) return [];
  const specifiers = nodesOf(node.specifiers);
  const kinds = [node.importKind, node.exportKind];
  const typeOnly =
    node.type === 'TSImportType' ||
    kinds.includes('type') ||
    (specifiers.length > 0 && specifiers.every(({ importKind }) => importKind === 'type'));
  const named = specifiers.map((one) => nameOf(one.imported ?? one.local) ?? '*');
  const whole = specifiers.some(({ type }) => type === 'ImportNamespaceSpecifier');
  const names = whole || (node.type !== 'ImportDeclaration' && specifiers.length === 0) ? ['*'] : named;
  return [{ from, ...targetOf(from, specifier), typeOnly, names }];
}

function targetOf(from: string, specifier: string): Pick<Import, 'to' | 'isPackage'> {
  if (!specifier.startsWith('.')) return { to: specifier, isPackage: true };
  const { pathname } = new URL(specifier, new URL(from, 'file:///'));
  return { to: pathname.slice(1), isPackage: false };
}

function exportsOf(node: Node): readonly string[] {
  if (node.type === 'ExportDefaultDeclaration') return ['default'];
  if (node.type !== 'ExportNamedDeclaration' || node.exportKind === 'type') return [];
  const { declaration } = node;
  const declared = isNode(declaration)
    ? [declaration, ...nodesOf(declaration.declarations)].map(({ id }) => nameOf(id))
    : [];
  const listed = nodesOf(node.specifiers).map(({ exported }) => nameOf(exported));
  return [...declared, ...listed].filter((name) => name !== undefined);
}

/** The members of globals that a rule may forbid. */
const RESTRICTED = new Set([
  'process.env',
  'Date.now',
  'Math.random',
  'globalThis.fetch',
  'crypto.randomUUID',
]);

function ambientUse(node: Node, parent: Node | null): string | undefined {
  if (node.type === 'MemberExpression') {
    const use = memberOf(node);
    return RESTRICTED.has(use) ? use : undefined;
  }
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date')
    return nodesOf(node.arguments).length === 0 ? 'new Date()' : undefined;
  if (node.type === 'CallExpression' && nameOf(node.callee) === 'fetch') return 'fetch';
  const value = node.type === 'Identifier' && node.name === 'fetch';
  return value && parent?.type === 'Property' && parent.shorthand === true ? 'fetch' : undefined;
}

function memberOf({ object, property }: Node): string {
  return `${nameOf(object)}.${nameOf(property)}`;
}

function nodesOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function nameOf(value: unknown): string | undefined {
  return isNode(value) && typeof value.name === 'string' ? value.name : undefined;
}

function textOf(value: unknown): string | undefined {
  return isNode(value) && typeof value.value === 'string' ? value.value : undefined;
}
