import * as connections from './connections.ts';
import * as runtime from './engine.ts';
import * as flows from './flows.ts';
import * as projects from './projects.ts';
import * as providers from './providers.ts';

/** Every operation of the API, by its operation id. */
export const routes = { ...projects, ...providers, ...connections, ...flows, ...runtime };

export type OperationId = keyof typeof routes;
