import * as z from 'zod/mini';
import type { ServiceAnswer } from './service.ts';

/**
 * How a third party misbehaves:
 * `down` answers 503 with a page, `hang` never answers, `slow` answers rightly after two seconds,
 * `rate_limited` and `forbidden` answer as that service documents it, `garbage` answers 200 with a page
 * that is not JSON, `redirect` answers 302 to another host.
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

/** How long a slow service takes, in milliseconds: long for a person, within the deadline of a call. */
export const SLOW_MS = 2_000;
/** What a rate-limited service asks to wait, in seconds. */
export const RATE_LIMIT_SECONDS = 30;

const page = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body></body></html>`;
const html = { 'content-type': 'text/html' };

/** The faults that look alike at every service. */
export const commonFaults: Partial<Readonly<Record<FaultMode, ServiceAnswer>>> = {
  down: { status: 503, headers: html, body: page('Service Unavailable') },
  garbage: { status: 200, headers: html, body: page('We will be back soon') },
  redirect: { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' },
};
