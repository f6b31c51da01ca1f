/**
 * The closed lists that domain, contract, table, catalog and infrastructure share. This file imports nothing, so every
 * layer may import it, and no list is written a second time.
 */

/** A connection works, or it does not; there is no third status. */
export const STATUSES = ['active', 'inactive'] as const;
export type Status = (typeof STATUSES)[number];

/** Why a connection is inactive: it ran out, the provider refuses it, or the provider no longer allows the access. */
export const STATUS_REASONS = ['credentials_expired', 'access_revoked', 'access_changed'] as const;
export type StatusReason = (typeof STATUS_REASONS)[number];

/** Everything that a history entry can record, and with it every event type. */
export const HISTORY_TYPES = [
  'created',
  'renamed',
  'reconnected',
  'reconnect_failed',
  'status_changed',
  'expiring',
  'linked',
  'unlinked',
  'disconnected',
] as const;
export type HistoryType = (typeof HISTORY_TYPES)[number];

/** Why a history entry was written: the reason of a status, or why a reconnect failed. */
export const HISTORY_REASONS = [
  ...STATUS_REASONS,
  'account_mismatch',
  'interrupted',
  'provider_unavailable',
  /** A refresh was interrupted after the provider may have replaced the refresh token, which it then refused. */
  'refresh_interrupted',
  'scopes_missing',
] as const;
export type HistoryReason = (typeof HISTORY_REASONS)[number];

/** Why a connection turned inactive, in its history. */
export const DEACTIVATION_REASONS = [
  ...STATUS_REASONS,
  'refresh_interrupted',
] as const satisfies readonly HistoryReason[];

/** Subjects of notices: a connection stopped working, works again, or its credentials will end. */
export const NOTICE_KINDS = ['inactive', 'active_again', 'expiring'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Ways in which providers authenticate their callers. */
export const AUTH_TYPES = [
  'api_key',
  'basic',
  'custom',
  'oauth2',
  'oauth2_client_credentials',
  'service_account',
] as const;
export type AuthType = (typeof AUTH_TYPES)[number];

/** Intervals in which a provider's connections are checked. */
export const CADENCES = ['hour', 'six_hours', 'day'] as const;
export type Cadence = (typeof CADENCES)[number];

/** Meanings of a provider's response to a probe. Only `ok` and `rejected` say anything about the credentials. */
export const CHECK_OUTCOMES = ['ok', 'rejected', 'rate_limited', 'unavailable'] as const;
export type CheckOutcome = (typeof CHECK_OUTCOMES)[number];

/** Results of a request to a token endpoint. */
export const TOKEN_OUTCOMES = ['ok', 'rejected', 'misconfigured', 'unavailable'] as const;

/** Conclusions of the catalog's response rules. */
export const RESPONSE_OUTCOMES = ['ok', ...STATUS_REASONS, 'rate_limited'] as const;

/** A member's role in one project. */
export const ROLES = ['administrator', 'member'] as const;
export type Role = (typeof ROLES)[number];

/** Operations that hold a lease. */
export const LEASE_PURPOSES = ['reconnect', 'refresh'] as const;
export type LeasePurpose = (typeof LEASE_PURPOSES)[number];

/** States of an authorization at a provider. */
export const AUTHORIZATION_STATUSES = ['started', 'returned', 'completing', 'completed', 'failed'] as const;
export type AuthorizationStatus = (typeof AUTHORIZATION_STATUSES)[number];

/** States of the deletion of a project. */
export const DELETION_STATUSES = ['disabling', 'disabled', 'restoring', 'removing', 'removed'] as const;
export type DeletionStatus = (typeof DELETION_STATUSES)[number];

/** Where a connection's credentials are: in a secret of its own, or sealed in the table. */
export const CREDENTIAL_STORES = ['secret-per-connection', 'sealed'] as const;
export type CredentialStoreName = (typeof CREDENTIAL_STORES)[number];

/** Days before the end of credentials at which reminders are due; 0 is the end itself. */
export const REMINDER_DAYS = [14, 7, 1, 0] as const;
export type ReminderDays = (typeof REMINDER_DAYS)[number];

/** The EventBridge source of every event. */
export const EVENT_SOURCE = 'connections';

/** Key prefixes that IAM conditions and stream filters name. */
export const PROJECT_PK_PREFIX = 'PROJECT#';
export const IDEMPOTENCY_PK_PREFIX = 'IDEMPOTENCY#';
export const AUTHORIZATION_PK_PREFIX = 'AUTHORIZATION#';
export const NOTICES_PK_PREFIX = 'NOTICES#';
export const CREDENTIALS_PK_PREFIX = 'CREDENTIALS#';
export const PROJECT_KEYS_PK_PREFIX = 'PROJECT_KEYS#';
export const REQUESTS_PK_PREFIX = 'REQUESTS#';
export const CONNECTION_SK_PREFIX = 'CON#';
export const HISTORY_SK_PREFIX = 'HISTORY#';

/** Folder of the OAuth clients' secrets, each `<folder><stage>/<client>`: apart from those of connections. */
export const OAUTH_CLIENTS_FOLDER = 'connections-oauth-clients/';

/** The CloudWatch namespace of the project's own metrics. */
export const METRICS_NAMESPACE = 'Connections';

/** The project's own metrics: functions publish them, alarms and the dashboard read them. */
export const METRIC_NAMES = {
  /** Checks by provider and outcome. */
  checks: 'Checks',
  /** Checks without a response, counted only in batches where most had none. */
  checksWithoutResponse: 'ChecksWithoutResponse',
  /** Seconds between a check's scheduled time and the start of its batch. */
  secondsLate: 'SecondsLate',
  /** Checks that were dropped because the next scheduled check of the same connection was due. */
  checksSuperseded: 'ChecksSuperseded',
  /** Minutes of checks that one run of the scheduler enqueued; 1 when it keeps up. */
  minutesEnqueued: 'MinutesEnqueued',
  checksEnqueued: 'ChecksEnqueued',
  /** Items that a run of a schedule finished: interrupted operations, announcements. By schedule. */
  itemsDone: 'ItemsDone',
  /** Active connections that turned inactive, by provider and reason. */
  deactivations: 'Deactivations',
  /** Inactive connections that turned active again, by provider. */
  reactivations: 'Reactivations',
  /** Notices, sent at once or with a digest, by kind. */
  notices: 'Notices',
  /** Requests to token endpoints by provider and outcome. */
  tokenRequests: 'TokenRequests',
  /** Token requests in which the provider refused the platform's OAuth client, by client. */
  clientsRefused: 'OAuthClientsRefused',
  /** Sealed credentials or keys that were altered, or moved to another place, and were not used. */
  sealsBroken: 'SealsBroken',
  /** Revocations of grants that failed for good, by provider. */
  revocationsFailed: 'RevocationsFailed',
} as const;

/** The environment variables of functions. */
const ENVIRONMENT_VARIABLES = [
  /** The API's own address, without a trailing slash. Default: API Gateway's domain name. */
  'API_URL',
  /** `at+jwt` where the issuer marks access tokens by their type (RFC 9068). */
  'ACCESS_TOKEN_TYPE',
  /** Issuers of access tokens in a stage with several, as a JSON array of `TrustedIssuer`. */
  'TRUSTED_ISSUERS',
  /** The stage's name among the services of an account, in metrics. */
  'SERVICE_NAME',
  'TABLE_NAME',
  'CHECKS_QUEUE_URL',
  'SECRETS_PREFIX',
  /** Prefix of the names of the platform's OAuth clients in Secrets Manager. */
  'OAUTH_CLIENTS_PREFIX',
  /** ARN or name of the secret from which access tokens are sealed. */
  'DATA_KEY_SECRET',
  /** ARN or name of the secret from which the data keys of projects are sealed. */
  'CREDENTIALS_KEY_SECRET',
  /** The store of new connections' credentials. Default: `secret-per-connection`. */
  'CREDENTIALS_STORE',
  /** Origins that `returnTo` may have, separated by commas. */
  'RETURN_ORIGINS',
  'SECRETS_KMS_KEY_ID',
  /** Tags of every secret, as a JSON object. */
  'SECRETS_TAGS',
  /** Address that receives provider calls instead of the provider, as `<url>/<host>/<path>`: the sandbox in local mode. */
  'PROVIDERS_ENDPOINT_URL',
  /** Folder of the compiled catalog. */
  'CATALOG_DIR',
  /** Calls per second to a provider whose catalog entry gives no limit. Default: 20. */
  'PROVIDER_CALLS_PER_SECOND',
  /** Calls per second to single providers, by their ids, as a JSON object. Default: none. */
  'PROVIDER_CALL_RATES',
  /** Requests in a minute of the users of one project that call providers. Default: 600. */
  'PROVIDER_REQUESTS_PER_MINUTE',
  'EVENT_BUS_NAME',
  /** The level of Lambda's logging configuration, which Lambda sets: TRACE to FATAL. */
  'AWS_LAMBDA_LOG_LEVEL',
  /** X-Ray's trace of the current invocation, which Lambda sets: `Root=<id>;Parent=…;Sampled=…`. */
  '_X_AMZN_TRACE_ID',
  /** The SNS topic of notices. */
  'NOTICES_TOPIC_ARN',
  /** Address of the console, or of the page in its place, which notices link to; without a trailing slash. */
  'CONSOLE_URL',
] as const;
export type EnvironmentVariable = (typeof ENVIRONMENT_VARIABLES)[number];

/** An id that the platform assigns: of a project, flow, step or user. */
export const PLATFORM_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** An id that connections may have: `con_` and a UUID. */
export const CONNECTION_ID = /^con_[0-9a-f-]{36}$/;
