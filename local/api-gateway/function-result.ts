import * as z from 'zod/mini';
import { GatewayError, type GatewayResponse } from './response.ts';

/** The bound on a synchronous response: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_FUNCTION_RESPONSE = 6 * 1024 * 1024;

const functionResult = z.object({
  statusCode: z.int().check(z.minimum(200), z.maximum(599)),
  headers: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
});

/** The gateway sets these itself. */
const HOP_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Reads a function's result by the rules of payload format 2.0. The gateway would wrap a result without `statusCode`
 * in a 200; ours all have one, so that here it is an error.
 *
 * @throws GatewayError `internalError` for a malformed result or one over 6 MB.
 */
export function readFunctionResult(result: unknown): GatewayResponse {
  const parsed = functionResult.safeParse(result);
  if (!parsed.success) throw new GatewayError('internalError', {}, { cause: parsed.error });
  const { statusCode, headers = {}, body = '', isBase64Encoded } = parsed.data;
  if (isTooLarge(body, result)) throw new GatewayError('internalError');
  return {
    status: statusCode,
    headers: endToEndHeaders(headers),
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** Serializes a result only where it can be too large: JSON takes at most 6 bytes for a UTF-16 unit of the body. */
function isTooLarge(body: string, result: unknown): boolean {
  if (body.length * 6 < MAX_FUNCTION_RESPONSE / 2) return false;
  return Buffer.byteLength(JSON.stringify(result)) > MAX_FUNCTION_RESPONSE;
}

function endToEndHeaders(headers: Readonly<Record<string, string | number | boolean>>) {
  const kept = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    .filter(([name]) => !HOP_HEADERS.has(name));
  const typed = kept.some(([name]) => name === 'content-type');
  return typed ? kept : [...kept, ['content-type', 'text/plain; charset=utf-8'] as const];
}
