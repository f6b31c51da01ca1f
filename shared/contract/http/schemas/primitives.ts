import * as z from 'zod/mini';
import { ROLES } from '../../../domain/access/roles.ts';
import { NAME_MAX_LENGTH, nameIssue, normalizeName } from '../../../domain/connections/name.ts';
import { PLATFORM_ID } from '../../../domain/ids.ts';

/** The schema with a sentence for the API's reader. */
export function described<T extends z.ZodMiniType>(schema: T, text: string): T {
  return schema.check(z.describe(text));
}

/** The schema under a name of its own in the API's document. */
export function named<T extends z.ZodMiniType>(name: string, schema: T, text: string): T {
  return schema.check(z.meta({ id: name, description: text }));
}

/** A string held to a rule of the domain, which says what is wrong in its own words. */
function ruled(fault: (value: string) => string | null) {
  return z.check<string>((ctx) => {
    const message = fault(ctx.value);
    if (message) ctx.issues.push({ code: 'custom', message, input: ctx.value });
  });
}

function platformId(what: string) {
  return z
    .string()
    .check(
      z.regex(PLATFORM_ID, 'must be 1 to 128 characters of A-Z a-z 0-9 . _ : -'),
      z.describe(`The platform's id of the ${what}.`),
    );
}

export const projectId = platformId('project');
export const flowId = platformId('flow');
export const stepId = platformId('step');
export const userId = platformId('user');

/** Ids that cannot exist are refused as not found where they name a connection of a path. */
export const connectionId = z
  .string()
  .check(
    z.regex(
      /^con_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      'must be con_ and a UUIDv7',
    ),
    z.describe('The id of the connection. Ids sort by age.'),
  );

export const providerId = z
  .string()
  .check(z.regex(/^[a-z0-9-]{1,40}$/, 'must be a provider id'), z.describe('The id of a provider: trello.'));

/** RFC 3339, UTC, milliseconds. */
export const time = z.iso.datetime({ precision: 3 });

/** A name: trimmed, NFC, 1 to 128 characters, no control characters. */
export const name = z.pipe(
  z
    .string()
    .check(
      z.maxLength(4096),
      z.describe(
        `1 to ${NAME_MAX_LENGTH} characters after trimming and Unicode NFC; no control characters. Need not be unique.`,
      ),
    ),
  z.pipe(z.transform(normalizeName), z.string().check(ruled(nameIssue))),
);

export const role = z.enum(ROLES);

/** Well-formed Unicode without control characters: what stays the same on its way through UTF-8. */
export const PLAIN = /^[^\p{Cc}\p{Cs}]*$/u;

/** Strings that are safe in a header, a log and a page. */
export const plainText = (max: number) =>
  z
    .string()
    .check(z.minLength(1), z.maxLength(max), z.regex(PLAIN, 'must be text without control characters'));

/** How many items a page holds where the caller does not say. */
export const DEFAULT_LIMIT = 25;
/** How many items a page can hold. */
export const MAX_LIMIT = 100;

/** How many items a page holds: 1 to 100, 25 where it is not given. */
export const limit = z.pipe(
  z._default(
    z
      .string()
      .check(
        z.regex(/^([1-9]\d?|100)$/, `must be a whole number from 1 to ${MAX_LIMIT}`),
        z.describe('How many items the page holds at most.'),
      ),
    String(DEFAULT_LIMIT),
  ),
  z.transform(Number),
);

export const cursor = z.optional(
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(4096),
      z.describe('The nextCursor of the page before, with the same filters and order.'),
    ),
);

/** A list, a page of it at a time. */
export function pageOf<T extends z.ZodMiniType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: described(z.nullable(z.string()), 'Continues the list; null on the last page.'),
  });
}
