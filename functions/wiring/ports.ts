import { randomBytes } from 'node:crypto';
import { eventBus, openBus } from '../../shared/adapters/aws/bus/event-bus.ts';
import { promoterOf, readerOf, removerOf, writerOf } from '../../shared/adapters/aws/credential-stores.ts';
import { notifier, openTopic } from '../../shared/adapters/aws/notices/topic.ts';
import { checkQueue, openQueue } from '../../shared/adapters/aws/queue/check-queue.ts';
import {
  credentialPromoter,
  credentialReader,
  credentialRemover,
  credentialWriter,
  openSecrets,
  openSecretsManager,
} from '../../shared/adapters/aws/secrets/credential-store.ts';
import { keyringOf } from '../../shared/adapters/aws/secrets/keyring.ts';
import { oauthClientIndex, oauthClientReader } from '../../shared/adapters/aws/secrets/oauth-clients.ts';
import { authorizationStore } from '../../shared/adapters/aws/table/authorizations.ts';
import { callBudget } from '../../shared/adapters/aws/table/call-budget.ts';
import { openTable } from '../../shared/adapters/aws/table/client.ts';
import { committer } from '../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../shared/adapters/aws/table/flows.ts';
import { historyReader } from '../../shared/adapters/aws/table/history.ts';
import { idempotencyStore } from '../../shared/adapters/aws/table/idempotency.ts';
import { lastCheckReader, lastCheckStore } from '../../shared/adapters/aws/table/last-checks.ts';
import { memberReader, memberWriter, roleReader } from '../../shared/adapters/aws/table/members.ts';
import { noticeCollector } from '../../shared/adapters/aws/table/notices.ts';
import { projectContents } from '../../shared/adapters/aws/table/project-contents.ts';
import { deletionReader, deletionStore } from '../../shared/adapters/aws/table/project-deletions.ts';
import { projectKeys } from '../../shared/adapters/aws/table/project-keys.ts';
import { recoveryReader } from '../../shared/adapters/aws/table/recovery.ts';
import { requestCounter } from '../../shared/adapters/aws/table/request-counter.ts';
import { checkSchedule, reminderReader } from '../../shared/adapters/aws/table/schedule.ts';
import {
  openSealedStore,
  sealedCredentialPromoter,
  sealedCredentialReader,
  sealedCredentialRemover,
  sealedCredentialWriter,
} from '../../shared/adapters/aws/table/sealed-credentials.ts';
import { openCatalog } from '../../shared/adapters/catalog/files.ts';
import { createTokenVerifier } from '../../shared/adapters/issuers/token-verifier.ts';
import { createDiscovery } from '../../shared/adapters/providers/oauth/discovery.ts';
import { createOAuthProvider } from '../../shared/adapters/providers/oauth/provider.ts';
import { createVerifier } from '../../shared/adapters/providers/verifier.ts';
import { createSealer } from '../../shared/adapters/sealing/sealer.ts';
import { CREDENTIAL_STORES } from '../../shared/domain/terms.ts';
import {
  issuersSetting,
  numbersSetting,
  optionalSetting,
  recordSetting,
  setting,
} from '../../shared/runtime/environment.ts';
import { lazy } from '../../shared/runtime/lazy.ts';
import { withSealMetrics, withStatusMetrics, withTokenMetrics } from '../../shared/runtime/metrics.ts';
import { backoff, systemClock, systemIds } from '../../shared/runtime/operation-context.ts';

/**
 * The production ports of each capability, under the capability's name in camelCase. A bundle keeps only those that its
 * function declares (`infra/bundle/wiring.ts`): calls at the top level are marked pure, so that esbuild can drop them.
 * Clients are created at the first request.
 */

const catalog = /* @__PURE__ */ lazy(() => openCatalog(setting('CATALOG_DIR')));
const table = /* @__PURE__ */ lazy(() => openTable(setting('TABLE_NAME')));
const queue = /* @__PURE__ */ lazy(() => openQueue(setting('CHECKS_QUEUE_URL')));
const secretsManager = /* @__PURE__ */ lazy(openSecretsManager);
const secrets = /* @__PURE__ */ lazy(() =>
  openSecrets(
    {
      prefix: setting('SECRETS_PREFIX'),
      kmsKeyId: optionalSetting('SECRETS_KMS_KEY_ID'),
      tags: recordSetting('SECRETS_TAGS'),
    },
    secretsManager(),
  ),
);

const sealedStore = /* @__PURE__ */ lazy(() => {
  const keyring = createSealer(keyringOf(secretsManager(), setting('CREDENTIALS_KEY_SECRET')));
  const keys = projectKeys(table(), keyring, { clock: systemClock, ids: systemIds });
  return openSealedStore({ table: table(), keys, clock: systemClock });
});

export const catalogSummaries = () => ({ catalog: { summary: catalog().summary } });

export const catalogForms = () => ({ catalog: { form: catalog().form } });

export const catalogEntries = () => ({ catalog: { get: catalog().get } });

export const catalogList = () => ({ catalog: { list: catalog().list } });

export const catalogIcons = () => ({ catalog: { icon: catalog().icon } });

export const tokensVerify = () => ({
  tokenVerifier: createTokenVerifier(issuersSetting('TRUSTED_ISSUERS')),
});

export const tableRead = () => ({
  connections: connectionReader(table()),
  flows: flowReader(table()),
  history: historyReader(table()),
  members: memberReader(table()),
  lastChecks: lastCheckReader(table()),
  deletions: deletionReader(table()),
});

export const tableWrite = () => ({
  unitOfWork: committer(table(), { ids: systemIds, backoff }),
  recovery: recoveryReader(table()),
  reminders: reminderReader(table()),
  lastChecks: lastCheckStore(table()),
  schedule: checkSchedule(table()),
  callBudget: callBudget(table(), { backoff }),
});

export const rolesRead = () => ({ roles: roleReader(table()) });

export const membersWrite = () => ({ members: memberWriter(table()) });

export const deletionsWrite = () => ({ deletions: deletionStore(table(), { ids: systemIds, backoff }) });

export const projectsRemove = () => ({ contents: projectContents(table()) });

export const idempotencyWrite = () => ({ idempotency: idempotencyStore(table()) });

export const requestsCount = () => ({
  requestLimit: {
    counter: requestCounter(table()),
    perMinute: Number(optionalSetting('PROVIDER_REQUESTS_PER_MINUTE') ?? 600),
  },
});

export const credentialsRead = () => ({
  credentials: readerOf({
    'secret-per-connection': credentialReader(secrets()),
    sealed: withSealMetrics(sealedCredentialReader(sealedStore())),
  }),
});

export const credentialsWrite = () => ({
  credentials: writerOf(
    {
      'secret-per-connection': credentialWriter(secrets()),
      sealed: sealedCredentialWriter(sealedStore()),
    },
    storeOfNew(),
  ),
});

export const credentialsPromote = () => ({
  credentials: promoterOf({
    'secret-per-connection': credentialPromoter(secrets()),
    sealed: sealedCredentialPromoter({ table: table(), clock: systemClock }),
  }),
});

export const credentialsRemove = () => ({
  credentials: removerOf({
    'secret-per-connection': credentialRemover(secrets()),
    sealed: sealedCredentialRemover({ table: table(), clock: systemClock }),
  }),
});

export const providersCall = () => ({
  verifier: createVerifier({ endpointUrl: optionalSetting('PROVIDERS_ENDPOINT_URL') }),
  callLimits: {
    defaultPerSecond: Number(optionalSetting('PROVIDER_CALLS_PER_SECOND') ?? 20),
    perSecondOf: numbersSetting('PROVIDER_CALL_RATES'),
  },
});

export const checksEnqueue = () => ({ checkQueue: checkQueue(queue()) });

export const eventsPublish = () => ({
  eventBus: withStatusMetrics(eventBus(openBus(setting('EVENT_BUS_NAME')), { backoff })),
});

export const noticesCollect = () => ({ notices: noticeCollector(table()) });

export const noticesSend = () => ({
  notifier: notifier(openTopic(setting('NOTICES_TOPIC_ARN')), optionalSetting('CONSOLE_URL')),
});

export const authorizationsWrite = () => ({
  authorizations: authorizationStore(table(), { ids: systemIds }),
  secrets: { next: () => randomBytes(32).toString('base64url') },
  addresses: {
    returnOrigins: setting('RETURN_ORIGINS').split(','),
    toProvider,
  },
});

export const oauthDescribe = () => ({
  oauthClients: oauthClientIndex(secretsManager(), setting('OAUTH_CLIENTS_PREFIX')),
});

export const oauthClients = () => ({
  oauthClients: oauthClientReader(secretsManager(), setting('OAUTH_CLIENTS_PREFIX')),
});

export const oauthDiscover = () => ({
  discovery: createDiscovery({ endpointUrl: optionalSetting('PROVIDERS_ENDPOINT_URL') }),
});

export const oauthCall = () => ({
  oauthProvider: withTokenMetrics(
    createOAuthProvider({ endpointUrl: optionalSetting('PROVIDERS_ENDPOINT_URL') }),
  ),
});

export const tokensSeal = () => ({
  sealer: createSealer(keyringOf(secretsManager(), setting('DATA_KEY_SECRET'))),
});

/** Returns the store of new connections. */
function storeOfNew() {
  const name = optionalSetting('CREDENTIALS_STORE') ?? 'secret-per-connection';
  const store = CREDENTIAL_STORES.find((known) => known === name);
  if (!store) throw new Error(`CREDENTIALS_STORE must be one of ${CREDENTIAL_STORES.join(', ')}.`);
  return store;
}

/** Returns a provider's own address; the sandbox's in local mode. */
function toProvider(url: URL): string {
  const endpoint = optionalSetting('PROVIDERS_ENDPOINT_URL');
  return endpoint ? `${endpoint}/${url.host}${url.pathname}${url.search}` : url.href;
}
