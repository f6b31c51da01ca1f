import * as z from 'zod/mini';

const attribute = z.union([
  z.strictObject({ S: z.string() }),
  z.strictObject({ N: z.string() }),
  z.strictObject({ BOOL: z.boolean() }),
  z.strictObject({ NULL: z.literal(true) }),
  z.strictObject({ L: z.array(z.unknown()) }),
  z.strictObject({ M: z.record(z.string(), z.unknown()) }),
]);

const image = z.record(z.string(), z.unknown());

/**
 * An item as a stream record holds it, in DynamoDB JSON, made plain. Sets and binary are not among what our
 * items hold.
 *
 * @throws ZodError for anything else than DynamoDB JSON.
 */
export function plainItem(item: unknown): Record<string, unknown> {
  const members = Object.entries(image.parse(item));
  return Object.fromEntries(members.map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  const typed = attribute.parse(value);
  if ('S' in typed) return typed.S;
  if ('N' in typed) return Number(typed.N);
  if ('BOOL' in typed) return typed.BOOL;
  if ('L' in typed) return typed.L.map(plain);
  return 'M' in typed ? plainItem(typed.M) : null;
}
