import * as authorizations from './authorizations.ts';
import * as connections from './connections.ts';
import * as credentials from './credentials.ts';
import * as engine from './engine.ts';
import * as flows from './flows.ts';
import * as projects from './projects.ts';
import * as providers from './providers.ts';

/** All operations of the API, by operation id. */
export const routes = {
  ...projects,
  ...providers,
  ...connections,
  ...credentials,
  ...flows,
  ...authorizations,
  ...engine,
};

export type OperationId = keyof typeof routes;
