import * as z from 'zod';

/** What CloudWatch Logs accepts, in days; the shorter half of it. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

/** A replay that reaches further back would meet notices that nobody remembers. */
const MOST_ARCHIVE_DAYS = 44;

const origin = z
  .string()
  .regex(
    /^(https:\/\/[a-z0-9.-]+|http:\/\/localhost)(:\d+)?$/,
    'must be https://host[:port], or http://localhost[:port]',
  );

/** As all services take them; the prefix is AWS's own. */
const tagName = z
  .string()
  .regex(/^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu, "must be a tag's name, and not begin with aws:");

const tagValue = z.string().regex(/^[\p{L}\p{N} _.:/=+@-]{0,256}$/u, "must be a tag's value");

const issuer = z.url({ protocol: /^https$/, error: 'must be an https address' });

const fields = z.strictObject({
  /** Stands in the name of everything that is deployed. */
  stage: z.string().regex(/^[a-z][a-z0-9-]{0,11}$/, 'must be a lower-case word of at most 12 characters'),
  /** Both or neither: without them the stacks go wherever the deploying credentials and region point. */
  deployTo: z
    .strictObject({
      account: z.string().regex(/^\d{12}$/, 'must be 12 digits'),
      region: z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be a region, such as eu-central-1'),
    })
    .optional(),
  /** Whose tokens people bring. Without it a Cognito user pool is made. */
  identity: z.strictObject({ issuer, audience: z.array(z.string().min(1)).min(1) }).optional(),
  /** The web origins that may call the API from a browser. */
  allowedOrigins: z.array(origin),
  /** For all callers together: requests a second, and how many may come at once. */
  throttling: z.strictObject({
    rate: z.int().min(1).max(10_000),
    burst: z.int().min(1).max(5_000),
  }),
  logs: z.strictObject({
    /**
     * Not less than INFO: what functions count are log lines without a level, which Lambda takes for INFO, and
     * alarms look at those counts.
     * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
     */
    level: z.enum(['DEBUG', 'INFO']),
    retentionDays: z.literal(RETENTION_DAYS, `must be one of ${RETENTION_DAYS.join(', ')}`),
  }),
  checks: z
    .strictObject({
      /**
       * How many workers check at once. Each takes up to 250 connections, ten of a batch at a time: 5 are enough
       * for some 10,000 checks a minute, and the providers' budgets hold however many there are.
       */
      concurrency: z.int().min(2).max(1_000),
    })
    .default({ concurrency: 5 }),
  events: z
    .strictObject({
      /**
       * How long events can be replayed. Less than a notice is remembered for (shared/domain/once.ts), so that a
       * replay tells nobody twice.
       */
      archiveDays: z.int().min(1).max(MOST_ARCHIVE_DAYS),
    })
    .default({ archiveDays: 14 }),
  /** Tells people of what stopped or will, by mail and whatever else subscribes. Without it there is no topic. */
  notices: z
    .strictObject({
      /** Each confirms once by mail. */
      emails: z.array(z.email()),
    })
    .optional(),
  /** Takes every event to an address. Without it there is none. */
  webhook: z
    .strictObject({
      url: z.url({ protocol: /^https$/, error: 'must be an https address' }),
      /** The Secrets Manager secret whose text is sent as the `Authorization` header; made beforehand. */
      secretName: z
        .string()
        .regex(/^[\w/+=.@-]{1,512}$/, "must be a secret's name")
        .refine((name) => !name.startsWith('connections/'), 'must not be among the secrets of connections'),
      /** The secret's version; the newest at the time of a deployment that changes something of the webhook. */
      secretVersionId: z.string().min(32).max(64).optional(),
      /** Requests a second, at most. */
      rate: z.int().min(1).max(300),
    })
    .optional(),
  /** Who is written to when an alarm goes off; each confirms once by mail. */
  alarmEmails: z.array(z.email()),
  /**
   * Of logs, queues, the bus's archive and its key, when their stack is deleted. The table, its key and the user
   * pool are kept whatever stands here.
   */
  whenDeleted: z.enum(['keep', 'remove']),
  /** The table that a restore made, to serve in the place of the lost one (docs/operations.md). */
  restoredTable: z
    .strictObject({
      arn: z.string().regex(/^arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/[^/]+$/, "must be a table's ARN"),
      streamArn: z.string(),
    })
    .refine(({ arn, streamArn }) => streamArn.startsWith(`${arn}/stream/`), {
      path: ['streamArn'],
      error: "must be the ARN of that table's stream",
    })
    .optional(),
  tags: z.record(tagName, tagValue),
});

const schema = fields.refine(({ identity, allowedOrigins }) => identity || allowedOrigins.length > 0, {
  path: ['allowedOrigins'],
  error: 'the user pool that is made without an identity needs an origin to return people to',
});

/** Everything that differs between stages. */
export type Settings = z.output<typeof schema>;

/** What a stage's file holds. */
export type SettingsInput = z.input<typeof schema>;

/** That the settings cannot be deployed; its message is one line for the person who wrote them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings of a stage.
 *
 * @throws SettingsError naming the stage, each field that is wrong, and what is wrong with it.
 */
export function readSettings(stages: Readonly<Record<string, unknown>>, stage: string): Settings {
  if (!Object.hasOwn(stages, stage)) {
    throw new SettingsError(`No stage "${stage}": infra/stages has ${Object.keys(stages).join(', ')}`);
  }
  const read = schema.safeParse(stages[stage]);
  if (!read.success) throw new SettingsError(`Settings of stage "${stage}": ${faults(read.error)}`);
  if (read.data.stage !== stage) {
    throw new SettingsError(`Settings of stage "${stage}": stage: must be "${stage}"`);
  }
  return read.data;
}

function faults({ issues }: z.ZodError): string {
  return issues
    .map((issue) =>
      issue.path.length > 0 ? `${issue.path.join('.')}: ${toProviderError(issue)}` : toProviderError(issue),
    )
    .join('; ');
}

/** Of a key that may not be there, zod says why one level further down. */
function toProviderError(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message;
}
