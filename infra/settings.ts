import * as z from 'zod';
import { TABLE, type TableDefinition } from '../shared/adapters/aws/table/definition.ts';
import { CREDENTIAL_STORES } from '../shared/domain/terms.ts';
import { backupSettings } from './backup-settings.ts';
import { checkSettings } from './check-settings.ts';
import { consoleSettings, domainName } from './console-settings.ts';
import { httpsUrl, isRepeated, issuerSettings, otherIssuersSettings } from './identity-settings.ts';
import { releaseSettings } from './release-settings.ts';
import { telemetrySettings } from './telemetry-settings.ts';
import { throttlingSettings } from './throttling-settings.ts';
import { webhookSettings } from './webhook-settings.ts';

/** Retention periods that CloudWatch Logs accepts, in days, up to two years. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

/** Below the 45 days for which sent notices are recorded: a replay of older events would send them again. */
const MAX_ARCHIVE_DAYS = 44;

const origin = z
  .string()
  .regex(
    /^(https:\/\/[a-z0-9.-]+|http:\/\/localhost)(:\d+)?$/,
    'must be https://host[:port], or http://localhost[:port]',
  );

const regionName = z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be a region, such as eu-central-1');

/** Tag key that all services accept. AWS reserves the prefix `aws:`. */
const tagKey = z
  .string()
  .regex(/^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu, 'must be a tag key that does not begin with aws:');

const tagValue = z.string().regex(/^[\p{L}\p{N} _.:/=+@-]{0,256}$/u, 'must be a tag value');

function isUnqueriedIndex(name: string): boolean {
  const { unqueriedIndexes }: TableDefinition = TABLE;
  return unqueriedIndexes.some((index) => index.name === name);
}

const fields = z.strictObject({
  /**
   * Name of the stage: lower-case letters, digits and hyphens, at most 12 characters. It must equal the
   * stage's key in `stages/index.ts`. Names of stacks and resources contain it (`connections-<stage>-table`),
   * so changing it after a deployment creates a second, empty stage.
   */
  stage: z.string().regex(/^[a-z][a-z0-9-]{0,11}$/, 'must be a lower-case word of at most 12 characters'),
  /**
   * AWS account (12 digits) and Region of the stage; a deployment with other credentials then fails. Without
   * it, the stage is deployed to the account and Region of the deploying credentials.
   */
  deployTo: z
    .strictObject({
      account: z.string().regex(/^\d{12}$/, 'must be 12 digits'),
      region: regionName,
    })
    .optional(),
  /**
   * OpenID Connect issuer whose access tokens the API accepts, and the audiences (`aud` or `client_id`) it
   * accepts them for. Without it, the stage has its own Cognito user pool, for users whom an administrator
   * creates.
   */
  identity: issuerSettings.optional(),
  /**
   * Further issuers whose access tokens the API accepts, for the time of a move (docs/issuers.md). A Lambda function then
   * verifies tokens in place of API Gateway, at a price per request. The `sub` of a token is the id of its user, whichever
   * issuer it is of. The console signs in with the first issuer: that of `identity`, or the user pool.
   */
  otherIssuers: otherIssuersSettings.default([]),
  /**
   * The address under which clients reach the API, without a trailing slash, if it is not API Gateway's own: a custom
   * domain, or CloudFront in front. Icon addresses in responses begin with it.
   */
  apiUrl: httpsUrl.regex(/[^/]$/, 'must not end with a slash').optional(),
  /**
   * Domain of the API, and the ARN of its certificate in the Region of the stage. Point the domain to the output
   * `ApiDomainTarget`. `apiUrl` is then `https://<name>`, unless it is set. Without it, the API has API Gateway's domain.
   */
  apiDomain: z
    .strictObject({
      name: domainName,
      certificateArn: z
        .string()
        .regex(/^arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate\/.+$/, "must be a certificate's ARN"),
    })
    .optional(),
  /**
   * Web origins from which browsers may call the API (CORS): `https://host[:port]`, or
   * `http://localhost[:port]` for development. Empty: none. The stage's own console needs none. The user pool of a
   * stage without `identity` also redirects to them after sign-in.
   */
  allowedOrigins: z.array(origin),
  /** Web console of the stage, behind CloudFront. `false`: the stage has none. */
  console: z.literal(false).or(consoleSettings).prefault({}),
  /**
   * Throttling of the API, for all callers together: `rate` in requests per second, `burst` in requests.
   * Requests above it fail with 429. `engine` throttles the flow engine apart from users.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
   */
  throttling: throttlingSettings,
  /**
   * CloudWatch Contributor Insights for the table and its indexes, of throttled keys alone: names the hot keys
   * (docs/operations.md, `table-throttles`). CloudWatch charges for rules and throttled requests.
   */
  throttledKeys: z.boolean().default(false),
  /** Logs of the functions and the API's access log. */
  logs: z.strictObject({
    /**
     * Lowest level that functions log. Levels above INFO are refused: functions emit metrics as log lines
     * without a level, which Lambda treats as INFO, and alarms depend on these metrics.
     * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
     */
    level: z.enum(['DEBUG', 'INFO']),
    /** Days after which CloudWatch Logs deletes log events: one of its own values, at most 731. */
    retentionDays: z.literal(RETENTION_DAYS, `must be one of ${RETENTION_DAYS.join(', ')}`),
  }),
  /** Credentials of connections. */
  credentials: z
    .strictObject({
      /**
       * Where new connections keep their credentials: `secret-per-connection`, a Secrets Manager secret each, with IAM, KMS
       * and audit for each; or `sealed`, encrypted in the table under data keys of the project, at a thousandth of the
       * price (docs/cost.md). Existing connections stay where they are until `npm run credentials:migrate` moves them.
       */
      store: z.enum(CREDENTIAL_STORES).default('secret-per-connection'),
      /** Regions with replicas of both keyrings, without which a copy of the table opens no sealed credentials there. */
      keyringReplicas: z.array(regionName).default([]),
    })
    .prefault({}),
  /** Status checks of connections. */
  checks: checkSettings.prefault({}),
  /**
   * Folder of the operator's own providers, relative to where `cdk` runs: an entry `<id>.json` and an icon `<id>.svg` for
   * each (docs/add-a-provider.md). They add to the catalog, and override its entries of the same id. Without it, the
   * catalog has the built-in providers.
   */
  providersFolder: z.string().min(1).optional(),
  /** Event bus of the stage. */
  events: z
    .strictObject({
      /** Days for which the bus archives events for replays: 1 to 44, by default 14. */
      archiveDays: z.int().min(1).max(MAX_ARCHIVE_DAYS),
    })
    .default({ archiveDays: 14 }),
  /**
   * Notices that a connection stopped working, works again or will expire, through an SNS topic to which any
   * endpoint can subscribe. Without it, there is neither the topic nor the function that sends notices.
   */
  notices: z
    .strictObject({
      /** Email addresses to subscribe to the topic. SNS asks each to confirm, once. */
      emails: z.array(z.email()),
      /**
       * Address that notices link to, without a trailing slash: `<linksTo>/projects/<project>/connections`, and the same
       * with `?reconnect=<connection>`. By default the console's; without console, notices have no link.
       */
      linksTo: httpsUrl.regex(/[^/]$/, 'must not end with a slash').optional(),
    })
    .optional(),
  /** HTTPS endpoint that receives every event. Without it, events stay on the event bus. */
  webhook: webhookSettings.optional(),
  /** Daily backups of the table, and where they are copied to. Without it, the table has point-in-time recovery. */
  backup: backupSettings.optional(),
  /** Releases with a canary (docs/deploying.md). Without it, a deployment replaces all functions at once. */
  releases: releaseSettings.optional(),
  /** OpenTelemetry, by a layer. Without it, functions have the traces of X-Ray alone. */
  telemetry: telemetrySettings.optional(),
  /** Email addresses that alarms notify. SNS asks each to confirm, once. Empty: alarms notify nobody. */
  alarmEmails: z.array(z.email()),
  /**
   * Log groups and the console's files when their stack is deleted: `keep` them or `remove` them. `keep` also protects the
   * messages stack from deletion. Resources of the data stack (table, keys, user pool) are always kept.
   */
  whenDeleted: z.enum(['keep', 'remove']),
  /**
   * Table restored from a backup, to use instead of the one of the data stack (docs/operations.md, "Restore
   * the table"). Both ARNs are of the same table.
   */
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
  /**
   * Indexes that the table lacks in this stage, although `unqueriedIndexes` of its definition has them: CloudFormation
   * creates or deletes one index per deployment (docs/indexes.md).
   */
  withoutIndexes: z
    .array(z.string().refine(isUnqueriedIndex, 'must be an index that no function queries'))
    .default([]),
  /** Managed policy that bounds the permissions of every role, by its ARN. Without it, roles have none. */
  permissionsBoundary: z
    .string()
    .regex(/^arn:[a-z-]+:iam::\d{12}:policy\/.+$/, "must be a managed policy's ARN")
    .optional(),
  /** Tags of every stack and its resources, next to `project` and `stage`, which are always set. */
  tags: z.record(tagKey, tagValue),
});

const schema = fields
  .transform(({ apiUrl = undefined, ...others }) => {
    const domainUrl = others.apiDomain && `https://${others.apiDomain.name}`;
    return { ...others, apiUrl: apiUrl ?? domainUrl };
  })
  .refine(({ identity, console, allowedOrigins }) => identity || console || allowedOrigins.length > 0, {
    path: ['allowedOrigins'],
    error: 'must not be empty without identity and console: the user pool redirects users to an origin',
  })
  .refine(({ identity, otherIssuers }) => !isRepeated([...(identity ? [identity] : []), ...otherIssuers]), {
    path: ['otherIssuers'],
    error: 'must not name the issuer of identity',
  })
  .refine(({ identity, console }) => !identity || !console || console.clientId !== undefined, {
    path: ['console', 'clientId'],
    error: 'must name the client of the console at the issuer of identity, unless console is false',
  });

/** Settings of a stage, with defaults applied: everything that differs between stages. */
export type Settings = z.output<typeof schema>;

/** Settings of a stage as its file in `stages/` writes them; fields with a default may be missing. */
export type SettingsInput = z.input<typeof schema>;

/** Error of settings that cannot be deployed. Its message is one line for the author of the settings. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings of a stage.
 *
 * @throws SettingsError with one line that names the stage and every invalid field with its issue.
 */
export function readSettings(stages: Readonly<Record<string, unknown>>, stage: string): Settings {
  if (!Object.hasOwn(stages, stage)) {
    throw new SettingsError(`No stage "${stage}": infra/stages has ${Object.keys(stages).join(', ')}`);
  }
  const settings = parseSettings(stages[stage], stage);
  if (settings.stage !== stage) {
    throw new SettingsError(`Settings of stage "${stage}": stage: must be "${stage}"`);
  }
  return settings;
}

/**
 * Validates settings, and applies defaults. Parsed settings are valid input too.
 *
 * @param stage name of the stage in the message.
 * @throws SettingsError with one line that names every invalid field with its issue.
 */
export function parseSettings(settings: unknown, stage?: string): Settings {
  const { data, error } = schema.safeParse(settings);
  if (!error) return data;
  const subject = stage === undefined ? 'Settings' : `Settings of stage "${stage}"`;
  throw new SettingsError(`${subject}: ${formatIssues(error)}`);
}

function formatIssues({ issues }: z.ZodError): string {
  return issues
    .map((issue) =>
      issue.path.length > 0 ? `${issue.path.join('.')}: ${issueText(issue)}` : issueText(issue),
    )
    .join('; ');
}

/**
 * Returns the message of an issue; for an invalid key of a record, the messages of its inner issues, and for a value that
 * is none of several kinds, those of the last kind.
 */
function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') {
    return (issue.errors.at(-1) ?? []).map((inner) => [...inner.path, inner.message].join(': ')).join('; ');
  }
  return issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : issue.message;
}
