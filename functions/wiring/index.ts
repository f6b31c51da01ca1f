import type { Wiring } from '../../shared/runtime/ports.ts';
import * as ports from './ports.ts';

/** The production wiring of all capabilities. In a bundle, the build replaces this file: see `infra/bundle/wiring.ts`. */
export const wiring: Wiring = {
  'catalog:summaries': ports.catalogSummaries,
  'catalog:forms': ports.catalogForms,
  'catalog:entries': ports.catalogEntries,
  'catalog:list': ports.catalogList,
  'catalog:icons': ports.catalogIcons,
  'authorizations:write': ports.authorizationsWrite,
  'oauth:describe': ports.oauthDescribe,
  'oauth:clients': ports.oauthClients,
  'oauth:discover': ports.oauthDiscover,
  'oauth:call': ports.oauthCall,
  'tokens:seal': ports.tokensSeal,
  'table:read': ports.tableRead,
  'table:write': ports.tableWrite,
  'roles:read': ports.rolesRead,
  'members:write': ports.membersWrite,
  'deletions:write': ports.deletionsWrite,
  'projects:remove': ports.projectsRemove,
  'idempotency:write': ports.idempotencyWrite,
  'requests:count': ports.requestsCount,
  'credentials:read': ports.credentialsRead,
  'credentials:write': ports.credentialsWrite,
  'credentials:promote': ports.credentialsPromote,
  'credentials:remove': ports.credentialsRemove,
  'providers:call': ports.providersCall,
  'checks:enqueue': ports.checksEnqueue,
  'events:publish': ports.eventsPublish,
  'notices:send': ports.noticesSend,
  'notices:collect': ports.noticesCollect,
};
