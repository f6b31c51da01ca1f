import { parseSync, Visitor } from 'oxc-parser';

/** A name in a source file, with the line of its first use there, counted from 1. */
export interface DeclaredName {
  readonly name: string;
  readonly line: number;
}

/** A string literal that is a name rather than prose: a key, an attribute, a code. */
const KEY = /^[\w#][\w#:.-]*$/;

/**
 * Returns the names that a TypeScript file gives to something: variables, parameters, properties, types, and
 * with `keys` also the string literals and template parts without a blank. Names that the file only takes from
 * elsewhere are left out: what it imports under its own name, and members of objects.
 */
export function declaredNames(path: string, text: string, { keys }: { readonly keys: boolean }) {
  const found = new Map<string, number>();
  const imported = new Set<string>();
  const members = new Set<number>();
  const add = (name: string, { start }: { readonly start: number }) => {
    if (!members.has(start) && !found.has(name)) found.set(name, start);
  };
  const addKey = (value: unknown, node: { readonly start: number }) => {
    if (keys && typeof value === 'string' && KEY.test(value)) add(value, node);
  };
  const visitor = new Visitor({
    ImportSpecifier({ imported: source, local }) {
      if (source.start === local.start) imported.add(local.name);
      else members.add(source.start);
    },
    MemberExpression({ computed, property }) {
      if (!computed) members.add(property.start);
    },
    TSQualifiedName({ right }) {
      members.add(right.start);
    },
    Identifier(node) {
      add(node.name, node);
    },
    PrivateIdentifier(node) {
      add(node.name, node);
    },
    Literal(node) {
      addKey(node.value, node);
    },
    TemplateElement(node) {
      addKey(node.value.cooked, node);
    },
  });
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  visitor.visit(program);
  return [...found]
    .filter(([name]) => !imported.has(name))
    .map(([name, start]): DeclaredName => ({ name, line: text.slice(0, start).split('\n').length }));
}
