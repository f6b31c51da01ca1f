import * as connections from './connections.ts';
import * as flows from './flows.ts';
import * as projects from './projects.ts';
import * as providers from './providers.ts';
import * as runtime from './runtime.ts';

/** Every operation of the API, by its operation id. */
export const routes = { ...projects, ...providers, ...connections, ...flows, ...runtime };

export type OperationId = keyof typeof routes;
