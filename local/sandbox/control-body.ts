import type * as z from 'zod/mini';
import type { ProviderResponse } from '../../shared/catalog/responses.ts';
import { jsonResponse } from './respond.ts';

/** Responds to a control with the parsed body of its request; with 400 and every problem of an invalid one. */
export function withParsedBody<T>(
  schema: z.ZodMiniType<T>,
  body: string,
  respond: (value: T) => ProviderResponse,
): ProviderResponse {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return respond(result.data);
  const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return jsonResponse(400, { error: 'invalid', errors });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
