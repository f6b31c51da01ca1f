import * as z from 'zod/mini';
import { ServiceException } from '../aws-json-server.ts';
import { scheduledForDeletion, secretNotFound } from './errors.ts';
import type { Secret, Storage } from './storage.ts';

/** The service's bound on a secret value, in bytes. */
const MAX_VALUE_BYTES = 65_536;

const text = (min: number, max: number) => z.string().check(z.minLength(min), z.maxLength(max));

// The members that several requests share, with their bounds.
export const secretName = text(1, 512).check(z.regex(/^[A-Za-z0-9/_+=.@-]+$/));
export const secretId = text(1, 2048);
export const versionId = text(32, 64);
export const stagingLabel = text(1, 256);
export const secretString = z.string().check(
  z.minLength(1),
  z.refine((value) => Buffer.byteLength(value) <= MAX_VALUE_BYTES),
);

/** One request's surroundings: `now` is milliseconds since 1970, `region` the one that the request is signed for. */
export interface Context {
  readonly storage: Storage;
  readonly now: number;
  readonly region: string;
}

export type Operation = (body: string, context: Context) => object;

/**
 * Makes an operation of a request's schema and of what it does, which runs as one transaction. Refuses a member that
 * the stand-in does not have instead of ignoring it, so that no caller relies on something that is not there.
 */
export function operation<T>(
  schema: z.ZodMiniType<T>,
  run: (input: T, context: Context) => object,
): Operation {
  return (body, context) => {
    const input = parseRequest(schema, body);
    return context.storage.transaction(() => {
      context.storage.removeDeleted(context.now);
      return run(input, context);
    });
  };
}

/**
 * @throws ServiceException SerializationException for broken JSON, ValidationException for a member that is missing,
 *   unknown or out of bounds. Never repeats a value.
 */
function parseRequest<T>(schema: z.ZodMiniType<T>, body: string): T {
  const parsed = schema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ServiceException(
    'ValidationException',
    issue?.code === 'unrecognized_keys'
      ? `The stand-in does not have ${issue.keys.join(', ')}.`
      : `1 validation error detected: ${issue?.path.join('.')} is missing or out of bounds.`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ServiceException('SerializationException', 'The request body is not valid JSON.');
  }
}

/**
 * Finds a secret by its name or its ARN.
 *
 * @throws ServiceException ResourceNotFoundException where there is none.
 */
export function findSecret({ storage }: Context, nameOrArn: string): Secret {
  const secret = storage.findSecret(nameOrArn);
  if (!secret) throw secretNotFound();
  return secret;
}

/**
 * Finds a secret that is not scheduled for deletion.
 *
 * @throws ServiceException ResourceNotFoundException where there is none, InvalidRequestException where it is scheduled.
 */
export function findUsableSecret(context: Context, nameOrArn: string): Secret {
  const secret = findSecret(context, nameOrArn);
  if (secret.deletedAt !== null) throw scheduledForDeletion();
  return secret;
}

/** Converts milliseconds to the seconds, with a fraction, that AWS JSON 1.1 has for a time. */
export function epochSeconds(milliseconds: number): number {
  return milliseconds / 1000;
}
