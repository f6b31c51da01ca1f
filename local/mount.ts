import { routes } from '../shared/contract/http/index.ts';
import type { Authorizer, MountedRoute } from './api-gateway/server.ts';
import { loadHandler } from './entry.ts';

const AUTHORIZERS = { user: 'jwt', engine: 'iam', public: 'none' } as const satisfies Record<
  string,
  Authorizer
>;

/** Every route with the handler that answers it. */
export function mountRoutes(): Promise<MountedRoute[]> {
  return Promise.all(
    Object.values(routes).map(async ({ method, path, caller, entry }) => {
      const handler: MountedRoute['handler'] = await loadHandler(`http/${entry}`);
      return { method, path, authorizer: AUTHORIZERS[caller.kind], handler };
    }),
  );
}
