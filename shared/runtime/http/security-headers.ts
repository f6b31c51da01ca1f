import httpSecurityHeaders from '@middy/http-security-headers';

/**
 * The headers that guard answers of an API and the icons it serves to pages of other origins. What only concerns
 * pages of our own is left out: it would outweigh most answers.
 */
export function securityHeaders() {
  return httpSecurityHeaders({
    contentSecurityPolicy: { 'default-src': "'none'", 'frame-ancestors': "'none'", sandbox: '' },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    dnsPrefetchControl: false,
    downloadOptions: false,
    frameOptions: false,
    originAgentCluster: false,
    permissionsPolicy: false,
    permittedCrossDomainPolicies: false,
  });
}
