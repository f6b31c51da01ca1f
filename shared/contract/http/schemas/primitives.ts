import * as z from 'zod/mini';
import { NAME_MAX_LENGTH, nameIssue, normalizeName } from '../../../domain/model/name.ts';
import { PLATFORM_ID, ROLES } from '../../../domain/terms.ts';

/** Adds a description for readers of the API. */
export function described<T extends z.ZodMiniType>(schema: T, text: string): T {
  return schema.check(z.describe(text));
}

/** Makes the schema a named component of the OpenAPI document. */
export function named<T extends z.ZodMiniType>(name: string, schema: T, text: string): T {
  return schema.check(z.meta({ id: name, description: text }));
}

/** Checks a string by a rule of the domain, which returns the message of an invalid value. */
function domainRule(issueOf: (value: string) => string | null) {
  return z.check<string>((ctx) => {
    const message = issueOf(ctx.value);
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

/** Schema of a connection's id in a body. A path accepts any text, and an id that cannot exist is 404. */
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

/** Schema of a time: RFC 3339, UTC, milliseconds. */
export const time = z.iso.datetime({ precision: 3 });

/** Schema of a name: trimmed, NFC, 1 to 128 characters, no control characters. */
export const name = z.pipe(
  z.string().check(
    z.maxLength(4096),
    z.meta({
      description: `1 to ${NAME_MAX_LENGTH} characters after trimming and Unicode NFC; no control characters. Need not be unique.`,
      // Bounds of a name that needs no trimming: what a generator of requests can rely on.
      minLength: 1,
      maxLength: NAME_MAX_LENGTH,
      pattern: '\\S',
    }),
  ),
  z.pipe(z.transform(normalizeName), z.string().check(domainRule(nameIssue))),
);

export const role = z.enum(ROLES);

/** Unicode's control characters: C0, delete and C1. */
const CONTROL_CHARACTERS = '\\u0000-\\u001f\\u007f-\\u009f';
const WITHOUT_CONTROL_CHARACTERS = new RegExp(`^[^${CONTROL_CHARACTERS}]*$`);

/**
 * Checks that a string has no control characters and is well-formed Unicode, so that UTF-8 does not alter it. The pattern
 * has no property escapes, which many generators of requests do not know.
 */
export function plainTextChecks() {
  return [
    z.regex(WITHOUT_CONTROL_CHARACTERS, 'must be text without control characters'),
    domainRule((value) => (value.isWellFormed() ? null : 'must be well-formed Unicode')),
  ] as const;
}

/** Schema of a string that is safe in a header, a log and a page. */
export const plainText = (max: number) =>
  z.string().check(z.minLength(1), z.maxLength(max), ...plainTextChecks());

/** Default number of items of a page. */
export const DEFAULT_LIMIT = 25;
/** Maximum number of items of a page. */
export const MAX_LIMIT = 100;

const LIMIT = 'The maximum number of items of the page.';

const limitText = (description: string) =>
  z
    .string()
    .check(
      z.regex(/^([1-9]\d?|100)$/, `must be a whole number from 1 to ${MAX_LIMIT}`),
      z.describe(description),
    );

/** Schema of the number of items of a page: 1 to 100, default 25. */
export const limit = z.pipe(z._default(limitText(LIMIT), String(DEFAULT_LIMIT)), z.transform(Number));

/** Schema of the number of items of a page, 1 to 100, of a list that is returned whole without it. */
export const limitOrAll = z.pipe(
  z.optional(limitText(`${LIMIT} Default: all of them.`)),
  z.transform((text) => (text === undefined ? Number.POSITIVE_INFINITY : Number(text))),
);

export const cursor = z.optional(
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(4096),
      z.describe('The nextCursor of the previous page, with the same filters and order.'),
    ),
);

/** Returns the schema of a page of a list. */
export function pageOf<T extends z.ZodMiniType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: described(z.nullable(z.string()), 'Continues the list; null on the last page.'),
  });
}
