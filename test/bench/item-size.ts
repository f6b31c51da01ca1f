/** An item in DynamoDB JSON: each value has a key that names its type. */
export type AttributeMap = Readonly<Record<string, AttributeValue>>;
type AttributeValue = Readonly<Record<string, unknown>>;

/** Overhead of a list or a map. */
const COLLECTION_BYTES = 3;
/** Overhead of each element of a list or a map. */
const ELEMENT_BYTES = 1;
/** Bytes of one read unit when reading strongly consistently; an eventually consistent read costs half. */
const READ_UNIT_BYTES = 4096;

/**
 * Returns the bytes of an item with its names, as DynamoDB counts them for capacity.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: AttributeMap): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueSize(value), 0);
}

/** Returns the read units of an eventually consistent query: at least 0.5. */
export function readUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) / 2;
}

/** @throws Error for a type that DynamoDB does not have. */
function valueSize(value: AttributeValue): number {
  const [type = '', content] = Object.entries(value)[0] ?? [];
  switch (type) {
    case 'S':
      return utf8(String(content));
    case 'N':
      return numberSize(String(content));
    case 'B':
      return Buffer.from(String(content), 'base64').byteLength;
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'L':
      return (
        COLLECTION_BYTES + sum(elements(content), (element) => ELEMENT_BYTES + valueSize(fields(element)))
      );
    case 'M':
      return (
        COLLECTION_BYTES +
        sum(
          Object.entries(fields(content)),
          ([name, inner]) => ELEMENT_BYTES + utf8(name) + valueSize(fields(inner)),
        )
      );
    case 'SS':
      return sum(elements(content), (element) => utf8(String(element)));
    case 'NS':
      return sum(elements(content), (element) => numberSize(String(element)));
    default:
      throw new Error(`DynamoDB has no type ${type}.`);
  }
}

/** Returns a byte for each two significant digits, one more, and one for a sign. */
function numberSize(text: string): number {
  const [mantissa = ''] = text.toLowerCase().split('e');
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

function utf8(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}

function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fields(value: unknown): Readonly<Record<string, AttributeValue>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
