import { iconOf } from '../../../shared/catalog/icons.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { getProviderIcon } from '../../../shared/contract/http/providers.ts';
import { failure } from '../../../shared/domain/errors.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';

/** An icon changes with a deployment at most, so browsers keep it for a day. */
const CACHED = { 'cache-control': 'public, max-age=86400' };

export const icon = endpoint(getProviderIcon, async ({ params: { provider } }) => {
  const svg = iconOf(provider);
  if (!svg) throw failure('provider_not_found', 'The catalogue has no such provider.');
  return { ...ok(svg), headers: CACHED };
});

export const handler = lambda(icon, { catalog, ports: () => ({}) });
