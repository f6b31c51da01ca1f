import * as z from 'zod/mini';
import type { ProviderResponse } from '../../shared/catalog/responses.ts';

/**
 * Injected fault of a provider: `down` responds 503 with a page, `hang` never responds, `slow` responds
 * correctly after two seconds, `rate_limited` and `forbidden` respond as the provider documents it (403 with a page
 * where it does not), `garbage` responds 200 with a page that is not JSON, `redirect` responds 302 to another host.
 */
export const faultMode = z.enum([
  'none',
  'down',
  'hang',
  'slow',
  'rate_limited',
  'forbidden',
  'garbage',
  'redirect',
]);

export type FaultMode = z.infer<typeof faultMode>;

/** Delay of a slow provider, in milliseconds: within the deadline of a call. */
export const SLOW_MS = 2_000;
/** Wait that a rate-limited provider asks for, in seconds. */
export const RATE_LIMIT_SECONDS = 30;

const page = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body></body></html>`;
const html = { 'content-type': 'text/html' };

/**
 * Response in a situation that the provider leaves undocumented. Its text is of no provider, so that no rule of an entry can
 * match it.
 */
export const undocumentedResponse: ProviderResponse = {
  status: 403,
  headers: html,
  body: page('The sandbox knows no response'),
};

/** Responses to the faults that are the same at every provider. */
export const faultResponses: Partial<Readonly<Record<FaultMode, ProviderResponse>>> = {
  down: { status: 503, headers: html, body: page('Service Unavailable') },
  garbage: { status: 200, headers: html, body: page('We will be back soon') },
  redirect: { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' },
};
