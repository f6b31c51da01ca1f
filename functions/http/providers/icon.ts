import { getProviderIcon } from '../../../shared/contract/http/providers.ts';
import { providerNotFound } from '../../../shared/domain/model/provider.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

/** Icons change with a deployment at most, so browsers keep them for a day. */
const CACHE_HEADERS = { 'cache-control': 'public, max-age=86400' };

export const icon = endpoint(getProviderIcon, async ({ params: { provider } }, { catalog }) => {
  const svg = catalog.icon(provider);
  if (!svg) throw providerNotFound();
  return { ...ok(svg), headers: CACHE_HEADERS };
});

export const handler = lambda(icon, wiring);
