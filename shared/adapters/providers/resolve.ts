import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isAddressLiteral, isPublicAddress } from './address.ts';
import { ProviderError } from './error.ts';

/** An address of a host, as the system's resolver tells it. */
export interface HostAddress {
  readonly address: string;
  readonly family: number;
}

/** Resolves a host to all of its addresses. */
export type Resolver = (host: string) => Promise<readonly HostAddress[]>;

/** The system's own resolver. */
export const systemResolver: Resolver = (host) => lookup(host, { all: true, verbatim: true });

/**
 * The addresses of a public host, as a `lookup` that answers nothing else: the connection goes where the
 * check looked, even if the name points elsewhere a moment later.
 *
 * @throws ProviderFault `blocked_address` when the host is written as an address, or any of its addresses is
 * not public; `timeout` when the signal ends the wait.
 */
export async function pinnedLookup(
  host: string,
  resolve: Resolver,
  signal: AbortSignal,
): Promise<LookupFunction> {
  if (isAddressLiteral(host)) throw new ProviderError('blocked_address');
  const addresses = await untilAborted(resolve(host), signal);
  if (addresses.length === 0) throw new ProviderError('host_not_found');
  if (!addresses.every(({ address }) => isPublicAddress(address))) throw new ProviderError('blocked_address');
  const [first] = addresses;
  return (_host, options, answer) => {
    if (options.all) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
}

/** DNS takes no signal of its own. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((fulfil, reject) => {
    const abort = () => reject(new ProviderError('timeout'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(fulfil, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
