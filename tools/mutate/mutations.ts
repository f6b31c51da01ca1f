import { type Node, parseSync, Visitor } from 'oxc-parser';

/** A change of one place in a file, which a test should notice. */
export interface Mutation {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
};

/**
 * Lists the mutations of a TypeScript file in the order of its text: other operators and literals, conditions that are
 * always true or false, negations and calls that are left out. Types and imports have none.
 *
 * @throws Error when the file cannot be parsed.
 */
export function mutationsOf(path: string, text: string): readonly Mutation[] {
  const found: Mutation[] = [];
  const outside: (readonly [start: number, end: number])[] = [];
  const leaveOut = ({ start, end }: Node) => outside.push([start, end]);
  const replace = ({ start, end }: Node, replacement: string) => found.push({ start, end, replacement });
  /** Replaces the operator between two operands. */
  const replaceOperator = (operator: string, left: Node, right: Node) => {
    const other = OPERATORS[operator];
    const start = text.indexOf(operator, left.end);
    if (other === undefined || start < 0 || start >= right.start) return;
    found.push({ start, end: start + operator.length, replacement: other });
  };
  const visitor = new Visitor({
    ImportDeclaration: leaveOut,
    ExportAllDeclaration: leaveOut,
    TSTypeAnnotation: leaveOut,
    TSTypeAliasDeclaration: leaveOut,
    TSInterfaceDeclaration: leaveOut,
    TSTypeParameterInstantiation: leaveOut,
    BinaryExpression: ({ operator, left, right }) => replaceOperator(operator, left, right),
    LogicalExpression({ operator, left, right }) {
      if (operator === '??') found.push({ start: left.end, end: right.end, replacement: '' });
      else replaceOperator(operator, left, right);
    },
    IfStatement({ test }) {
      replace(test, 'true');
      replace(test, 'false');
    },
    ConditionalExpression({ test }) {
      replace(test, 'true');
      replace(test, 'false');
    },
    UnaryExpression(node) {
      if (node.operator === '!') replace(node, text.slice(node.argument.start, node.argument.end));
    },
    ExpressionStatement(node) {
      const { type } = node.expression;
      if (type === 'CallExpression' || type === 'AwaitExpression') replace(node, ';');
    },
    Literal(node) {
      const { value } = node;
      if (typeof value === 'boolean') replace(node, String(!value));
      if (typeof value === 'number') replace(node, String(value + 1));
      if (typeof value === 'string' && value !== '') replace(node, "''");
    },
  });
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  visitor.visit(program);
  return found
    .filter(({ start, end }) => !outside.some(([from, to]) => from <= start && end <= to))
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Returns the text with the mutation. */
export function mutate(text: string, { start, end, replacement }: Mutation): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
