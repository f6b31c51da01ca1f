import { randomBytes } from 'node:crypto';
import { eventBus } from '../../shared/adapters/aws/bus/event-bus.ts';
import { importerOf, readerOf, removerOf, writerOf } from '../../shared/adapters/aws/credential-stores.ts';
import { notifier } from '../../shared/adapters/aws/notices/topic.ts';
import { checkQueue } from '../../shared/adapters/aws/queue/check-queue.ts';
import {
  credentialImporter,
  credentialReader,
  credentialRemover,
  credentialWriter,
  type SecretsStore,
} from '../../shared/adapters/aws/secrets/credential-store.ts';
import { keyringOf } from '../../shared/adapters/aws/secrets/keyring.ts';
import { oauthClientIndex, oauthClientReader } from '../../shared/adapters/aws/secrets/oauth-clients.ts';
import { authorizationStore } from '../../shared/adapters/aws/table/authorizations.ts';
import { callBudget } from '../../shared/adapters/aws/table/call-budget.ts';
import { committer } from '../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../shared/adapters/aws/table/connections.ts';
import { type FillReport, fillKeys } from '../../shared/adapters/aws/table/fill-keys.ts';
import { flowReader } from '../../shared/adapters/aws/table/flows.ts';
import { historyReader } from '../../shared/adapters/aws/table/history.ts';
import { idempotencyStore } from '../../shared/adapters/aws/table/idempotency.ts';
import { importReader } from '../../shared/adapters/aws/table/imports.ts';
import { lastCheckReader, lastCheckStore } from '../../shared/adapters/aws/table/last-checks.ts';
import { memberReader, memberWriter, roleReader } from '../../shared/adapters/aws/table/members.ts';
import { noticeCollector } from '../../shared/adapters/aws/table/notices.ts';
import { projectContents } from '../../shared/adapters/aws/table/project-contents.ts';
import { deletionStore } from '../../shared/adapters/aws/table/project-deletions.ts';
import { projectKeys } from '../../shared/adapters/aws/table/project-keys.ts';
import { recoveryReader } from '../../shared/adapters/aws/table/recovery.ts';
import { requestCounter } from '../../shared/adapters/aws/table/request-counter.ts';
import { checkSchedule, reminderReader } from '../../shared/adapters/aws/table/schedule.ts';
import {
  openSealedStore,
  type SealedStore,
  sealedCredentialImporter,
  sealedCredentialReader,
  sealedCredentialRemover,
  sealedCredentialWriter,
} from '../../shared/adapters/aws/table/sealed-credentials.ts';
import { createTokenVerifier } from '../../shared/adapters/issuers/token-verifier.ts';
import { createDiscovery } from '../../shared/adapters/providers/oauth/discovery.ts';
import { createOAuthProvider } from '../../shared/adapters/providers/oauth/provider.ts';
import { createVerifier } from '../../shared/adapters/providers/verifier.ts';
import { createSealer } from '../../shared/adapters/sealing/sealer.ts';
import { catalog } from '../../shared/catalog/index.ts';
import type { Capability, PortsFor } from '../../shared/contract/capabilities.ts';
import type { RunTime } from '../../shared/domain/batches.ts';
import { slotOf } from '../../shared/domain/checks/slots.ts';
import type {
  CredentialImporter,
  CredentialReader,
  CredentialRemover,
  CredentialRestorer,
  CredentialWriter,
} from '../../shared/domain/credentials/store.ts';
import type { ImportReader } from '../../shared/domain/model/import-record.ts';
import type { Ids, OperationContext } from '../../shared/domain/operation-context.ts';
import type { CredentialStoreName } from '../../shared/domain/terms.ts';
import { createBaseContext } from '../../shared/runtime/operation-context.ts';
import type { Wiring } from '../../shared/runtime/ports.ts';
import type { AwsClients } from './aws-clients.ts';
import type { FaultInjector } from './fault-injector.ts';
import type { TestClock } from './test-clock.ts';

/** The check slot of every connection here, so that one run of the scheduler finds all of them. */
export const SLOT = 45;

/** The secrets of every deployment that are not a connection's. */
export const OAUTH_CLIENTS_PREFIX = 'oauth-clients/';
export const DATA_KEY_SECRET = 'data-key';
export const CREDENTIALS_KEY_SECRET = 'credentials-key';
/** The origin of the page that authorizations return to. */
export const RETURN_ORIGIN = 'https://platform.example';

/** Providers respond at once or drop the connection, so a slow machine is never taken for a slow provider. */
const PROVIDER_TIMEOUT_MS = 60_000;

/** The resources of the deployment that a process belongs to. */
export interface Resources {
  readonly tableName: string;
  readonly secretsPrefix: string;
  /** The store of new connections. */
  readonly credentialStore: CredentialStoreName;
  readonly queueUrl: string;
  readonly topicArn: string;
  readonly busName: string;
  readonly providersUrl: string;
}

/** The ports of all capabilities, over the production adapters. */
export type Ports = OperationContext &
  RunTime &
  PortsFor<Capability> & {
    readonly credentials: CredentialImporter & CredentialRestorer;
    readonly imports: ImportReader;
    /** Fills keys of indexes, as an operator's command does. */
    readonly fillKeys: () => Promise<FillReport>;
  };

/** One execution environment: its calls pass one fault injector, and it shares no memory with another process. */
export interface Process {
  readonly ports: Ports;
  readonly injector: FaultInjector;
}

/** Creates the ports of a process. */
export function createPorts(
  clients: AwsClients,
  resources: Resources,
  { clock, correlationId }: { readonly clock: TestClock; readonly correlationId: string },
): Ports {
  const table = { client: clients.dynamodb(), name: resources.tableName };
  const secrets = {
    client: clients.secretsManager(),
    prefix: resources.secretsPrefix,
    kmsKeyId: undefined,
    tags: {},
  };
  const backoff = () => Promise.resolve();
  const context = { ...createBaseContext(clock), correlationId, backoff };
  const keyring = createSealer(keyringOf(secrets.client, CREDENTIALS_KEY_SECRET));
  const sealedStore = openSealedStore({ table, keys: projectKeys(table, keyring, context), clock });
  return {
    ...context,
    hasTime: () => true,
    ids: inSlot(context.ids),
    catalog,
    tokenVerifier: createTokenVerifier([]),
    connections: connectionReader(table),
    flows: flowReader(table),
    history: historyReader(table),
    members: { ...memberReader(table), ...memberWriter(table) },
    roles: roleReader(table),
    lastChecks: { ...lastCheckReader(table), ...lastCheckStore(table) },
    deletions: deletionStore(table, context),
    contents: projectContents(table),
    unitOfWork: committer(table, context),
    recovery: recoveryReader(table),
    reminders: reminderReader(table),
    schedule: checkSchedule(table),
    callBudget: callBudget(table, context),
    idempotency: idempotencyStore(table),
    requestLimit: { counter: requestCounter(table), perMinute: 600 },
    imports: importReader(table),
    fillKeys: () =>
      fillKeys(table, { concurrency: 1, pace: () => Promise.resolve(), onProgress: () => undefined }),
    notices: noticeCollector(table),
    credentials: credentialStores(secrets, sealedStore, resources.credentialStore),
    oauthClients: {
      ...oauthClientReader(secrets.client, OAUTH_CLIENTS_PREFIX),
      ...oauthClientIndex(secrets.client, OAUTH_CLIENTS_PREFIX),
    },
    discovery: createDiscovery({ endpointUrl: resources.providersUrl, timeoutMs: PROVIDER_TIMEOUT_MS }),
    oauthProvider: createOAuthProvider({
      endpointUrl: resources.providersUrl,
      timeoutMs: PROVIDER_TIMEOUT_MS,
      clock,
    }),
    sealer: createSealer(keyringOf(secrets.client, DATA_KEY_SECRET)),
    authorizations: authorizationStore(table, context),
    secrets: { next: () => randomBytes(32).toString('base64url') },
    addresses: { returnOrigins: [RETURN_ORIGIN], toProvider: ({ href }) => href },
    callLimits: { defaultPerSecond: 20, perSecondOf: {} },
    verifier: createVerifier({
      endpointUrl: resources.providersUrl,
      // A fault drops a connection; on one that was used before, the request would be sent again.
      reusesConnections: false,
      timeoutMs: PROVIDER_TIMEOUT_MS,
      clock,
    }),
    // Few processes send messages, so these borrow their client on first use.
    get checkQueue() {
      return checkQueue({ client: clients.sqs(), url: resources.queueUrl });
    },
    get notifier() {
      return notifier({ client: clients.sns(), arn: resources.topicArn }, undefined);
    },
    get eventBus() {
      return eventBus({ client: clients.eventBridge(), name: resources.busName }, context);
    },
  };
}

/** Both stores, behind the port of all. */
function credentialStores(
  secrets: SecretsStore,
  sealed: SealedStore,
  storeOfNew: CredentialStoreName,
): CredentialReader & CredentialWriter & CredentialRemover & CredentialImporter & CredentialRestorer {
  return {
    ...readerOf({
      'secret-per-connection': credentialReader(secrets),
      sealed: sealedCredentialReader(sealed),
    }),
    ...writerOf(
      { 'secret-per-connection': credentialWriter(secrets), sealed: sealedCredentialWriter(sealed) },
      storeOfNew,
    ),
    ...removerOf({
      'secret-per-connection': credentialRemover(secrets),
      sealed: sealedCredentialRemover(sealed),
    }),
    ...importerOf({
      'secret-per-connection': credentialImporter(secrets),
      sealed: sealedCredentialImporter(sealed),
    }),
  };
}

/** Creates ids whose connections all have the same check slot, by replacing the last digits of an id. */
function inSlot(ids: Ids): Ids {
  return {
    next() {
      const start = ids.next().slice(0, -4);
      for (let end = 0; ; end += 1) {
        const id = start + end.toString(16).padStart(4, '0');
        if (slotOf(`con_${id}`, 'hour') === SLOT) return id;
      }
    },
  };
}

/** Wires Lambda handlers to the ports of a process, as `functions/wiring/` does to the production ports. */
export function wiringOf(ports: Ports): Wiring {
  // A handler creates a context of its own; these groups replace its clock and ids by the test's.
  const context = { clock: { now: () => ports.clock.now() }, ids: ports.ids };
  const { connections, flows, history, members, roles, lastChecks, unitOfWork, recovery } = ports;
  const { deletions, reminders, schedule, callBudget, idempotency, requestLimit, credentials, verifier } =
    ports;
  const { discovery, oauthClients, oauthProvider, sealer, authorizations, secrets, addresses } = ports;
  return {
    'catalog:summaries': () => ({ catalog }),
    'catalog:forms': () => ({ catalog }),
    'catalog:entries': () => ({ catalog }),
    'catalog:list': () => ({ catalog }),
    'catalog:icons': () => ({ catalog }),
    'authorizations:write': () => ({ authorizations, secrets, addresses }),
    'oauth:describe': () => ({ oauthClients }),
    'oauth:clients': () => ({ oauthClients }),
    'oauth:discover': () => ({ discovery }),
    'oauth:call': () => ({ oauthProvider }),
    'tokens:seal': () => ({ sealer }),
    'tokens:verify': () => ({ tokenVerifier: ports.tokenVerifier }),
    'table:read': () => ({ ...context, connections, flows, history, members, lastChecks, deletions }),
    'table:write': () => ({
      ...context,
      ...{ unitOfWork, recovery, reminders, lastChecks, schedule, callBudget },
    }),
    'roles:read': () => ({ roles }),
    'members:write': () => ({ members }),
    'deletions:write': () => ({ ...context, deletions }),
    'projects:remove': () => ({ ...context, contents: ports.contents }),
    'idempotency:write': () => ({ ...context, idempotency }),
    'requests:count': () => ({ ...context, requestLimit }),
    'credentials:read': () => ({ credentials }),
    'credentials:write': () => ({ credentials }),
    'credentials:promote': () => ({ credentials }),
    'credentials:remove': () => ({ credentials }),
    'providers:call': () => ({ verifier, callLimits: ports.callLimits }),
    'checks:enqueue': () => ({ checkQueue: ports.checkQueue }),
    'events:publish': () => ({ eventBus: ports.eventBus }),
    'notices:send': () => ({ notifier: ports.notifier }),
    'notices:collect': () => ({ notices: ports.notices }),
  };
}
