import * as z from 'zod/mini';
import { type ServiceFault, serialization, validation } from './faults.ts';

/** Quota: bytes of a secret value. The same number bounds SecretString's characters in the API reference. */
export const MAX_VALUE_BYTES = 65_536;

const tooShort = (min: number) => `Member must have length greater than or equal to ${min}`;
const tooLong = (max: number) => `Member must have length less than or equal to ${max}`;

/** A string of so many characters, ends included. */
export const text = (min: number, max: number) =>
  z.string().check(z.minLength(min, tooShort(min)), z.maxLength(max, tooLong(max)));

export const secretId = text(1, 2048);
export const versionId = text(32, 64);
export const stage = text(1, 256);
export const maxResults = z.optional(
  z
    .int()
    .check(
      z.minimum(1, 'Member must have value greater than or equal to 1'),
      z.maximum(100, 'Member must have value less than or equal to 100'),
    ),
);
export const nextToken = z.optional(text(1, 4096));

/** The fields of a new version; see `newValue` for what they must be together. */
export const valueFields = {
  ClientRequestToken: z.optional(versionId),
  SecretString: z.optional(
    z.string().check(
      z.minLength(1, tooShort(1)),
      z.refine((value) => Buffer.byteLength(value) <= MAX_VALUE_BYTES, tooLong(MAX_VALUE_BYTES)),
    ),
  ),
  SecretBinary: z.optional(
    z.base64().check(
      z.minLength(1, tooShort(1)),
      z.refine(
        (value) => Buffer.from(value, 'base64').byteLength <= MAX_VALUE_BYTES,
        tooLong(MAX_VALUE_BYTES),
      ),
    ),
  ),
};

/**
 * Reads a request body. Unknown members are let pass and null counts as absent, as AWS JSON has it.
 * @throws SerializationException for broken JSON or a member of the wrong type
 * @throws ValidationException for a missing or out-of-bounds member; the value is never repeated
 */
export function parseRequest<T extends z.ZodMiniType>(schema: T, body: string): z.output<T> {
  const given = withoutNulls(parseJson(body));
  const parsed = z.safeParse(schema, given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue === undefined ? serialization('The request is invalid.') : faultOf(issue, given);
}

function parseJson(body: string): object {
  let json: unknown;
  try {
    json = JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw serialization('The request body is not valid JSON.');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw serialization('Expected an object in the request body.');
  }
  return json;
}

function withoutNulls(given: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

function faultOf(issue: z.core.$ZodIssue, given: Record<string, unknown>): ServiceFault {
  const [member] = issue.path;
  const field = String(member).replace(/^./, (first) => first.toLowerCase());
  if (given[String(member)] === undefined) {
    return validation(
      `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
    );
  }
  if (issue.code === 'invalid_type' || issue.code === 'invalid_format') {
    return serialization(`Member ${field} can not be converted to its type.`);
  }
  return validation(
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${issue.message}`,
  );
}
