import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from 'aws-lambda';

export type Item = Record<string, AttributeValue>;

/** The names and values that a request's placeholders stand for. */
export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

type Operand = (item: Item, placeholders: Placeholders) => AttributeValue | undefined;
type Condition = (item: Item, placeholders: Placeholders) => boolean;

/** Returns true if the item, which is empty where there is none, fulfills the condition. */
export function fulfills(item: Item, condition: string, placeholders: Placeholders): boolean {
  return parseCondition(condition)(item, placeholders);
}

/** Returns the item that an update expression makes of an item. */
export function updated(item: Item, update: string, placeholders: Placeholders): Item {
  const next = { ...item };
  for (const change of parseUpdate(update)) change(next, placeholders);
  return next;
}

/** Returns the name of a top-level attribute. */
export function nameOf(token: string, { ExpressionAttributeNames = {} }: Placeholders): string {
  const name = token.startsWith('#') ? ExpressionAttributeNames[token] : token;
  if (name === undefined) throw new Error(`The request does not name ${token}.`);
  return name;
}

/** Remembers the result of each text: requests repeat the same few expressions. */
function memoized<T>(parse: (text: string) => T): (text: string) => T {
  const results = new Map<string, T>();
  return (text) => {
    const result = results.get(text) ?? parse(text);
    results.set(text, result);
    return result;
  };
}

/** Compares strings as DynamoDB sorts them: by their bytes in UTF-8. */
export function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

const parseCondition = memoized((text) => {
  const parser = new ConditionParser(text);
  return parser.parse();
});

/** Parses the conditions and filters that the adapters write. Any other syntax is an error, so that no test relies on it. */
class ConditionParser {
  readonly #tokens: Tokens;

  constructor(text: string) {
    this.#tokens = new Tokens(text);
  }

  parse(): Condition {
    const condition = this.#or();
    this.#tokens.expectEnd();
    return condition;
  }

  #or(): Condition {
    const parts = [this.#and()];
    while (this.#tokens.takeIf('OR')) parts.push(this.#and());
    return (item, placeholders) => parts.some((part) => part(item, placeholders));
  }

  #and(): Condition {
    const parts = [this.#single()];
    while (this.#tokens.takeIf('AND')) parts.push(this.#single());
    return (item, placeholders) => parts.every((part) => part(item, placeholders));
  }

  #single(): Condition {
    if (this.#tokens.takeIf('(')) {
      const inner = this.#or();
      this.#tokens.expect(')');
      return inner;
    }
    const token = this.#tokens.take();
    if (this.#tokens.takeIf('(')) return this.#call(token);
    return this.#comparison(operandOf(token));
  }

  #call(name: string): Condition {
    const operand = operandOf(this.#tokens.take());
    const part = this.#tokens.takeIf(',') ? operandOf(this.#tokens.take()) : undefined;
    this.#tokens.expect(')');
    if (name === 'attribute_exists') return (...of) => operand(...of) !== undefined;
    if (name === 'attribute_not_exists') return (...of) => operand(...of) === undefined;
    if (name === 'contains' && part) return (...of) => containsText(operand(...of), part(...of));
    if (name === 'begins_with' && part) return (...of) => beginsWith(operand(...of), part(...of));
    throw new Error(`The stand-in does not have ${name}.`);
  }

  #comparison(left: Operand): Condition {
    const comparator = this.#tokens.take();
    const right = operandOf(this.#tokens.take());
    if (comparator === '=') return (...of) => isDeepStrictEqual(left(...of), right(...of));
    if (comparator === '<') return (...of) => order(left(...of), right(...of)) < 0;
    if (comparator === '<=') return (...of) => order(left(...of), right(...of)) <= 0;
    if (comparator !== 'BETWEEN') throw new Error(`The stand-in does not have ${comparator}.`);
    this.#tokens.expect('AND');
    const to = operandOf(this.#tokens.take());
    return (...of) => order(right(...of), left(...of)) <= 0 && order(left(...of), to(...of)) <= 0;
  }
}

function operandOf(token: string): Operand {
  if (token.startsWith(':')) return (_item, placeholders) => valueNamed(token, placeholders);
  const [first = '', ...inner] = token.split('.');
  return (item, placeholders) =>
    inner.reduce<AttributeValue | undefined>(
      (value, name) => value?.M?.[nameOf(name, placeholders)],
      item[nameOf(first, placeholders)],
    );
}

function valueNamed(token: string, { ExpressionAttributeValues = {} }: Placeholders): AttributeValue {
  const value = ExpressionAttributeValues[token];
  if (value === undefined) throw new Error(`The request has no value ${token}.`);
  return value;
}

function containsText(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value === undefined) return false;
  if (value.S === undefined || part?.S === undefined)
    throw new Error('The stand-in finds text in text alone.');
  return value.S.includes(part.S);
}

function beginsWith(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (part?.S === undefined) throw new Error('The stand-in compares the beginning of text alone.');
  return value?.S?.startsWith(part.S) ?? false;
}

/** Orders two strings or two numbers; NaN, which fulfills no comparison, for any others. */
function order(one: AttributeValue | undefined, other: AttributeValue | undefined): number {
  if (one?.S !== undefined && other?.S !== undefined) return compareText(one.S, other.S);
  if (one?.N !== undefined && other?.N !== undefined) return Number(one.N) - Number(other.N);
  return Number.NaN;
}

type Change = (item: Record<string, AttributeValue>, placeholders: Placeholders) => void;

const parseUpdate = memoized((text) => {
  const tokens = new Tokens(text);
  const changes: Change[] = [];
  while (!tokens.isAtEnd()) {
    const clause = tokens.take();
    do changes.push(changeOf(clause, tokens));
    while (tokens.takeIf(','));
  }
  return changes;
});

function changeOf(clause: string, tokens: Tokens): Change {
  const attribute = tokens.take();
  if (clause === 'REMOVE') {
    return (item, placeholders) => Reflect.deleteProperty(item, nameOf(attribute, placeholders));
  }
  if (clause === 'SET') tokens.expect('=');
  else if (clause !== 'ADD') throw new Error(`The stand-in does not have ${clause}.`);
  const value = tokens.take();
  return (item, placeholders) => {
    const name = nameOf(attribute, placeholders);
    const operand = valueNamed(value, placeholders);
    item[name] = clause === 'SET' ? operand : { N: String(Number(item[name]?.N ?? 0) + Number(operand.N)) };
  };
}

class Tokens {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.match(/[#:]?\w+(?:\.#\w+)*|<=|[^\s\w]/g) ?? [];
  }

  isAtEnd(): boolean {
    return this.#next === this.#tokens.length;
  }

  take(): string {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new Error(`The expression ends too early: ${this.#text}`);
    this.#next += 1;
    return token;
  }

  takeIf(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.takeIf(token)) throw new Error(`The stand-in expects ${token} in: ${this.#text}`);
  }

  expectEnd(): void {
    if (!this.isAtEnd()) throw new Error(`The stand-in does not have all of: ${this.#text}`);
  }
}
