import { oauthCallback } from '../../../shared/contract/http/authorizations.ts';
import { handleCallback } from '../../../shared/domain/authorizations/callback.ts';
import { endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

/** Shown for a `state` that is unknown, used or expired: there is no page to return to. Repeats nothing of the request. */
const EXPIRED_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Link no longer valid</title>
<h1>This link is no longer valid</h1>
<p>It was used already, or it is older than 15 minutes. Go back to the page where you began, and start again.</p>
</html>
`;

/** Neither the code nor the state may reach another site in a Referer header. */
const HEADERS = { 'referrer-policy': 'no-referrer' };

export const callback = endpoint(oauthCallback, async ({ params, query }, ports) => {
  const address = await handleCallback(params.client, query, ports);
  if (address === null) return { status: 400 as const, body: EXPIRED_PAGE, headers: HEADERS };
  return { status: 302 as const, body: null, headers: { ...HEADERS, location: address } };
});

export const handler = lambda(callback, wiring);
