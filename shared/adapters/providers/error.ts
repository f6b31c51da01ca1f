import type { UnavailableCause } from '../../domain/credentials/verification.ts';

/**
 * A provider could not be asked. It tells the cause alone: the request and the network's own error, which
 * may hold an address, a query or a header with credentials, are left behind on purpose.
 */
export class ProviderError extends Error {
  readonly reason: UnavailableCause;

  constructor(reason: UnavailableCause) {
    super(`provider unavailable: ${reason}`);
    this.name = 'ProviderFault';
    this.reason = reason;
  }
}

/** What went wrong on the way, from the network's own error. */
export function toProviderError(error: unknown, signal: AbortSignal): ProviderError {
  if (error instanceof ProviderError) return error;
  if (signal.aborted) return new ProviderError('timeout');
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(ENOTFOUND|ENODATA)/.test(code)) return new ProviderError('host_not_found');
  if (/^(EAI_|ESERVFAIL|EREFUSED)/.test(code)) return new ProviderError('dns');
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code)) {
    return new ProviderError('tls');
  }
  return new ProviderError('network');
}
