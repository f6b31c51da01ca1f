/** An item as DynamoDB's JSON tells it: each value under the letters of its type. */
export type WireItem = Readonly<Record<string, WireValue>>;
export type WireValue = Readonly<Record<string, unknown>>;

/** Of a list or a map, whatever is in it. */
const COLLECTION_BYTES = 3;
/** Of each element of a list or a map. */
const ELEMENT_BYTES = 1;
/** What a read unit reads, strongly; a read that need not be strong costs half. */
const READ_UNIT_BYTES = 4096;

/**
 * The bytes of an item, names included, as DynamoDB counts them for capacity.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: WireItem): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueSize(value), 0);
}

/** The read units of a query that reads so many bytes and need not be strong: half of one at least. */
export function readUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) / 2;
}

/** @throws Error for a type that DynamoDB does not have. */
function valueSize(value: WireValue): number {
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
        COLLECTION_BYTES + sum(summary(content), (element) => ELEMENT_BYTES + valueSize(fields(element)))
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
      return sum(summary(content), (element) => utf8(String(element)));
    case 'NS':
      return sum(summary(content), (element) => numberSize(String(element)));
    default:
      throw new Error(`DynamoDB has no type ${type}.`);
  }
}

/** A byte for each two significant digits, one more, and one for a sign. */
function numberSize(text: string): number {
  const [mantissa = ''] = text.toLowerCase().split('e');
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

function utf8(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

function sum<T>(of: readonly T[], size: (one: T) => number): number {
  return of.reduce((total, one) => total + size(one), 0);
}

function summary(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fields(value: unknown): Readonly<Record<string, WireValue>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
