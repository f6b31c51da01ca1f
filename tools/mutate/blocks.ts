import { dirname, relative } from 'node:path';
import { type Node, parseSync, Visitor } from 'oxc-parser';

/** A part of a file that runs, or does not, as a whole: the file, a function's body, a branch or an operand. */
export interface Block {
  readonly start: number;
  readonly end: number;
  readonly kind: 'file' | 'braces' | 'statement' | 'expression';
}

/**
 * Lists the blocks of a TypeScript file.
 *
 * @throws Error when the file cannot be parsed.
 */
export function blocksOf(path: string, text: string): readonly Block[] {
  const found: Block[] = [{ start: 0, end: text.length, kind: 'file' }];
  const add = ({ start, end }: Node, kind: Block['kind']) => found.push({ start, end, kind });
  const addBranch = (node: Node | null) => {
    if (node && node.type !== 'BlockStatement') add(node, 'statement');
  };
  const visitor = new Visitor({
    BlockStatement: (node) => add(node, 'braces'),
    ArrowFunctionExpression({ body }) {
      if (body.type !== 'BlockStatement') add(body, 'expression');
    },
    IfStatement({ consequent, alternate }) {
      addBranch(consequent);
      addBranch(alternate);
    },
    ForOfStatement: ({ body }) => addBranch(body),
    ForStatement: ({ body }) => addBranch(body),
    WhileStatement: ({ body }) => addBranch(body),
    ConditionalExpression({ consequent, alternate }) {
      add(consequent, 'expression');
      add(alternate, 'expression');
    },
    LogicalExpression: ({ right }) => add(right, 'expression'),
  });
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  visitor.visit(program);
  return found;
}

/** Names the smallest block around a part of a file. */
export function blockAround(path: string, text: string, part: Pick<Block, 'start' | 'end'>): string {
  const around = blocksOf(path, text).filter(({ start, end }) => start <= part.start && part.end <= end);
  const [smallest] = around.toSorted((a, b) => a.end - a.start - (b.end - b.start));
  return blockName(path, smallest?.start ?? 0);
}

/** Returns the text with a call of `executed` in each block. */
export function recordBlocks(path: string, text: string): string {
  const module = relative(dirname(path), 'tools/mutate/executed.ts');
  const insertions = blocksOf(path, text).flatMap(({ start, end, kind }) => {
    const call = `_executed('${blockName(path, start)}')`;
    if (kind === 'file')
      return [{ at: 0, code: `import { executed as _executed } from '${module}'; ${call}; ` }];
    if (kind === 'braces') return [{ at: start + 1, code: ` ${call}; ` }];
    const [before, after] = kind === 'statement' ? [`{ ${call}; `, ' }'] : [`(${call}, `, ')'];
    return [
      { at: start, code: before },
      { at: end, code: after },
    ];
  });
  return insertions
    .toSorted((a, b) => b.at - a.at)
    .reduce((changed, { at, code }) => changed.slice(0, at) + code + changed.slice(at), text);
}

/** Names a block by where it starts. */
export function blockName(path: string, start: number): string {
  return `${path}:${start}`;
}
