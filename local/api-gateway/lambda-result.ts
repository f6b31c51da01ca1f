import * as z from 'zod/mini';
import type { Answer } from './answer.ts';
import { Refused } from './refusal.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB for a synchronous answer. */
const MAX_FUNCTION_RESPONSE = 6 * 1024 * 1024;

const structuredResult = z.object({
  statusCode: z.int().check(z.minimum(200), z.maximum(599)),
  headers: z.optional(z.record(z.string(), z.nullable(z.union([z.string(), z.number(), z.boolean()])))),
  cookies: z.optional(z.array(z.string())),
  body: z.optional(z.nullable(z.string())),
  isBase64Encoded: z.optional(z.boolean()),
});

const withStatusCode = z.looseObject({ statusCode: z.unknown() });

/** The gateway writes these itself. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Reads what a function returned by the rules of payload format 2.0: an object with `statusCode` is an answer,
 * any other value is the JSON body of a 200.
 *
 * @throws Refused (500) for a value that is no JSON, a malformed answer, or more than 6 MB.
 */
export function readResult(result: unknown): Answer {
  const json = toJson(result);
  if (Buffer.byteLength(json) > MAX_FUNCTION_RESPONSE) throw new Refused('internalError');
  const value: unknown = JSON.parse(json);
  if (!withStatusCode.safeParse(value).success) {
    const body = Buffer.from(typeof value === 'string' ? value : json);
    return { status: 200, headers: [['content-type', 'application/json']], body };
  }
  const parsed = structuredResult.safeParse(value);
  if (!parsed.success) throw new Refused('internalError', {}, { cause: parsed.error });
  const { statusCode, headers = {}, cookies = [], body, isBase64Encoded } = parsed.data;
  return {
    status: statusCode,
    headers: [...ownedHeaders(headers), ...cookies.map((cookie) => ['set-cookie', cookie] as const)],
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** A function's result crosses as JSON; nothing returned crosses as `null`. */
function toJson(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (cause) {
    throw new Refused('internalError', {}, { cause });
  }
}

function ownedHeaders(headers: Readonly<Record<string, string | number | boolean | null>>) {
  const answered = Object.entries(headers).flatMap(([name, value]) =>
    value === null || OWN_HEADERS.has(name.toLowerCase())
      ? []
      : [[name.toLowerCase(), String(value)] as const],
  );
  const typed = answered.some(([name]) => name === 'content-type');
  return typed ? answered : [...answered, ['content-type', 'text/plain; charset=utf-8'] as const];
}
