import type { Catalog } from '../catalog/schema.ts';
import type { RequestLimit } from '../domain/access/request-limit.ts';
import type { MemberReader, MemberWriter, RoleReader } from '../domain/access/roles.ts';
import type { TokenVerifier } from '../domain/access/token-verifier.ts';
import type { AuthorizationPort } from '../domain/authorizations/authorization.ts';
import type { PlatformAddresses, SecretGenerator } from '../domain/authorizations/authorize.ts';
import type { CheckQueue, CheckSchedule, LastCheckReader, LastCheckStore } from '../domain/checks/ports.ts';
import type { CallBudget } from '../domain/checks/token-bucket.ts';
import type { ReminderReader } from '../domain/connections/announce-expiry.ts';
import type { IntentReader } from '../domain/connections/create.ts';
import type { RecoveryReader } from '../domain/connections/sweep.ts';
import type {
  AuthorizationServerDiscovery,
  OAuthClientIndex,
  OAuthPorts,
} from '../domain/credentials/oauth.ts';
import type {
  CredentialPromoter,
  CredentialReader,
  CredentialRemover,
  CredentialWriter,
} from '../domain/credentials/store.ts';
import type { CallLimitsPort, VerifierPort } from '../domain/credentials/verification.ts';
import type { EventBus } from '../domain/events/relay.ts';
import type { IdempotencyStore } from '../domain/idempotency.ts';
import type { ConnectionReader } from '../domain/model/connection.ts';
import type { FlowReader } from '../domain/model/flow.ts';
import type { HistoryReader } from '../domain/model/history.ts';
import type { CommitPort } from '../domain/model/unit-of-work.ts';
import type { NoticeCollector, Notifier } from '../domain/notices/notify.ts';
import type { DeletionReader, DeletionStore, ProjectContents } from '../domain/projects/deletion.ts';

/**
 * The ports behind each capability, in groups. A route or background function gets the ports of the capabilities that
 * it declares, and its role the matching permissions (`infra/grants.ts`): an undeclared port does not compile.
 */
export interface CapabilityPorts {
  /** Starting, returning from and completing authorizations at providers. */
  'authorizations:write': AuthorizationPort & {
    readonly secrets: SecretGenerator;
    readonly addresses: PlatformAddresses;
  };
  'oauth:describe': { readonly oauthClients: OAuthClientIndex };
  'oauth:clients': Pick<OAuthPorts, 'oauthClients'>;
  /** Finding the authorization server of a resource, and registering clients there. */
  'oauth:discover': { readonly discovery: AuthorizationServerDiscovery };
  'oauth:call': Pick<OAuthPorts, 'oauthProvider'>;
  'tokens:seal': Pick<OAuthPorts, 'sealer'>;
  /** Names and icons of providers, for lists and views. */
  'catalog:summaries': { readonly catalog: Pick<Catalog, 'summary'> };
  /** Providers' requests and response rules, for verifications and checks. */
  'catalog:entries': { readonly catalog: Pick<Catalog, 'get'> };
  /** The public part of one provider: what a form for its credentials needs. */
  'catalog:forms': { readonly catalog: Pick<Catalog, 'form'> };
  /** The public parts of all providers. */
  'catalog:list': { readonly catalog: Pick<Catalog, 'list'> };
  'catalog:icons': { readonly catalog: Pick<Catalog, 'icon'> };
  'table:read': {
    readonly connections: ConnectionReader;
    readonly flows: FlowReader;
    readonly history: HistoryReader;
    readonly members: MemberReader;
    readonly lastChecks: LastCheckReader;
    readonly deletions: DeletionReader;
  };
  'table:write': CommitPort & {
    readonly recovery: RecoveryReader & IntentReader;
    readonly reminders: ReminderReader;
    readonly lastChecks: LastCheckStore;
    readonly schedule: CheckSchedule;
    readonly callBudget: CallBudget;
  };
  'roles:read': { readonly roles: RoleReader };
  'members:write': { readonly members: MemberWriter };
  /** Deleting and restoring projects. */
  'deletions:write': { readonly deletions: DeletionStore };
  /** Removing the contents of deleted projects. */
  'projects:remove': { readonly contents: ProjectContents };
  'idempotency:write': { readonly idempotency: IdempotencyStore };
  /** Limiting the requests of a project. */
  'requests:count': { readonly requestLimit: RequestLimit };
  'credentials:read': { readonly credentials: CredentialReader };
  'credentials:write': { readonly credentials: CredentialWriter };
  'credentials:promote': { readonly credentials: CredentialPromoter };
  'credentials:remove': { readonly credentials: CredentialRemover };
  /** Verifying users' access tokens. */
  'tokens:verify': { readonly tokenVerifier: TokenVerifier };
  'providers:call': VerifierPort & CallLimitsPort;
  'checks:enqueue': { readonly checkQueue: CheckQueue };
  'events:publish': { readonly eventBus: EventBus };
  'notices:send': { readonly notifier: Notifier };
  'notices:collect': { readonly notices: NoticeCollector };
}

export type Capability = keyof CapabilityPorts;

/** Capabilities of functions that send requests to providers. */
const PROVIDER_CALLS = [
  'providers:call',
  'oauth:call',
  'oauth:discover',
] as const satisfies readonly Capability[];

export type ProviderCall = (typeof PROVIDER_CALLS)[number];

/** Returns true for a function that sends requests to providers, and may wait for them. */
export function callsProviders(capabilities: readonly Capability[]): boolean {
  return PROVIDER_CALLS.some((call) => capabilities.includes(call));
}

/** Requesting tokens from an authorization server, and sealing them. */
export const TOKEN_REQUESTS = [
  'oauth:clients',
  'oauth:call',
  'tokens:seal',
  'catalog:entries',
] as const satisfies readonly Capability[];

/** Verifying credentials of any authentication type with the provider. */
export const VERIFICATION = [
  'credentials:write',
  'providers:call',
  ...TOKEN_REQUESTS,
] as const satisfies readonly Capability[];

/** Checking a connection now, whoever asks for it. */
export const CHECK = [
  'table:read',
  'table:write',
  'credentials:read',
  ...VERIFICATION,
] as const satisfies readonly Capability[];

type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;

/** The ports of several capabilities together. */
export type PortsFor<C extends Capability> = [C] extends [never] ? object : Intersection<CapabilityPorts[C]>;
