import * as z from 'zod';
import { credentials } from '../../shared/contract/http/schemas/credentials.ts';
import {
  flowId,
  name,
  plainText,
  providerId,
  stepId,
  userId,
} from '../../shared/contract/http/schemas/primitives.ts';
import type { Credentials } from '../../shared/domain/credentials/credentials.ts';
import { invalid, type ValidationIssue } from '../../shared/domain/errors.ts';
import type { StatusWithReason } from '../../shared/domain/model/connection.ts';
import type { ExportedConnection } from '../../shared/domain/moving/export-connection.ts';
import type { ImportedConnection } from '../../shared/domain/moving/import-connection.ts';
import { PLATFORM_ID, STATUS_REASONS, STATUSES } from '../../shared/domain/terms.ts';

const platformId = z.string().regex(PLATFORM_ID, 'must be 1 to 128 characters of A-Z a-z 0-9 . _ : -');
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
const end = time.nullable().optional();

const flow = z.strictObject({
  id: flowId,
  name,
  steps: z.array(stepId).min(1).max(200).refine(areDistinct, 'must be distinct'),
});

const secretFields = {
  credentials,
  /** End of `credentials.accessToken`; null if it does not end. */
  accessTokenExpiresAt: end,
};

/** Schema of the encrypted part of a sealed line. Id and provider bind it to its line. */
export const sealedPart = z.strictObject({ id: platformId, provider: providerId, ...secretFields });

/** A connection, as one line of a file. docs/moving.md describes each field. */
const connectionLine = z
  .strictObject({
    id: platformId,
    provider: providerId,
    name: z.optional(name),
    account: z
      .strictObject({ id: plainText(1_000), label: plainText(1_000) })
      .nullable()
      .optional(),
    status: z.enum(STATUSES).default('active'),
    statusReason: z.enum(STATUS_REASONS).nullable().optional(),
    statusSince: time.optional(),
    connectedAt: time,
    reconnectedAt: end,
    lastCheckedAt: end,
    expiresAt: end,
    createdBy: z.optional(userId),
    flows: z
      .array(flow)
      .min(1)
      .refine((flows) => areDistinct(flows.map(({ id }) => id)), 'must have distinct ids'),
    clientId: z.optional(plainText(1_000)),
    credentials: z.optional(credentials),
    accessTokenExpiresAt: end,
    /** JWE in compact form. */
    sealed: z.string().optional(),
  })
  .refine(({ status, statusReason }) => (status === 'inactive') === (typeof statusReason === 'string'), {
    path: ['statusReason'],
    error: 'is required for an inactive connection, and for no other',
  })
  .refine((line) => (line.credentials === undefined) !== (line.sealed === undefined), {
    path: ['credentials'],
    error: 'are required, unless they are sealed',
  });

/** A line as it was read. Its secret part may be sealed. */
export type ConnectionLine = z.output<typeof connectionLine>;

/** The secret part of a line. */
export interface SecretPart {
  readonly credentials: Credentials;
  readonly accessTokenExpiresAt?: string | null | undefined;
}

/**
 * Parses a line.
 *
 * @throws DomainError `invalid_request` with every issue, never with a value.
 */
export function parseLine(text: string): ConnectionLine {
  return parseJson(connectionLine, text);
}

/**
 * Parses a JSON text.
 *
 * @throws DomainError `invalid_request` with every issue, never with a value.
 */
export function parseJson<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The error of JSON.parse quotes the text.
    throw invalid([{ path: '', message: 'is not valid JSON; the line may be cut' }]);
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw invalid(error.issues.map(toIssue));
}

/** A key that is not known, and a name of a credential, may be a credential in the wrong place. */
function toIssue({ code, path, message }: z.core.$ZodIssue): ValidationIssue {
  const known = path[0] === 'credentials' ? ['credentials'] : path;
  return {
    path: known.map(String).join('.'),
    message: code === 'unrecognized_keys' ? 'has a field that is not known here' : message,
  };
}

function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

/** Returns the connection of a line. */
export function toImported(
  projectId: string,
  line: ConnectionLine,
  { credentials: fields, accessTokenExpiresAt }: SecretPart,
): ImportedConnection {
  const { id: platformId, provider, account = null, reconnectedAt = null, lastCheckedAt = null } = line;
  return {
    ...{ projectId, platformId, providerId: provider, account, reconnectedAt, lastCheckedAt },
    name: line.name,
    status: statusOf(line),
    statusSince: line.statusSince,
    connectedAt: line.connectedAt,
    createdBy: line.createdBy,
    flows: line.flows,
    credentials: fields,
    accessTokenExpiresAt,
    clientId: line.clientId,
    expiresAt: line.expiresAt,
  };
}

function statusOf({ status, statusReason }: ConnectionLine): StatusWithReason {
  if (status === 'inactive' && statusReason) return { status, statusReason };
  return { status: 'active', statusReason: null };
}

/** Returns the part of an exported connection that is no secret. */
export function toLine({ connection, flows, clientId }: ExportedConnection) {
  const { id, providerId: provider, createdBy, ...facts } = connection;
  const { status, statusReason, statusSince, connectedAt, reconnectedAt, lastCheckedAt, expiresAt } = facts;
  return {
    ...{ id, provider, name: facts.name, account: facts.account, status },
    ...(statusReason && { statusReason }),
    ...{ statusSince, connectedAt, reconnectedAt, lastCheckedAt, expiresAt, createdBy, flows },
    ...(clientId !== undefined && { clientId }),
  };
}
