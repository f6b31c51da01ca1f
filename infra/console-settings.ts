import * as z from 'zod';
import { DEFAULT_SCOPE } from '../shared/contract/console.ts';

const httpsOrigin = z.string().regex(/^https:\/\/[a-z0-9.-]+(:\d+)?$/, 'must be https://host[:port]');

/** Name of a domain, in lower case. */
export const domainName = z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'must be a domain name');

/** Settings of the web console. */
export const consoleSettings = z.strictObject({
  /**
   * Client that the console signs in with: a public client of the issuer of `identity`, for the authorization code flow
   * with PKCE, whose access tokens are for an audience of `identity`. Register `<console>/signed-in` as its redirect URI
   * and `<console>/signed-out` as its post-logout redirect URI. A stage without `identity` has a client in its user pool.
   */
  clientId: z.string().min(1).optional(),
  /**
   * Scopes that the console asks for. Without a refresh token, the console redirects to the issuer whenever an access
   * token ends; many issuers return one for `offline_access` only.
   */
  scope: z.string().min(1).default(DEFAULT_SCOPE),
  /**
   * Origins of the issuer's endpoints (token, revocation), where they are not the issuer's own: scripts of the console
   * may call no others.
   */
  issuerOrigins: z.array(httpsOrigin).default([]),
  /**
   * Domain of the console, and the ARN of its certificate, which CloudFront requires to be in us-east-1. Point the
   * domain to the output `ConsoleDomain`. Without it, the console has CloudFront's own domain.
   */
  domain: z
    .strictObject({
      name: domainName,
      certificateArn: z
        .string()
        .regex(/^arn:aws:acm:us-east-1:\d{12}:certificate\/.+$/, "must be a certificate's ARN in us-east-1"),
    })
    .optional(),
  /**
   * AWS WAF web ACL of the distribution, by its ARN: of the scope CLOUDFRONT, which is in us-east-1. It inspects requests
   * to the console and, under its domain, to the API. Requests to the API's own address bypass it.
   */
  webAclArn: z
    .string()
    .regex(
      /^arn:[a-z-]+:wafv2:us-east-1:\d{12}:global\/webacl\/.+$/,
      "must be a web ACL's ARN of the scope CLOUDFRONT",
    )
    .optional(),
});

/** Settings of the web console of a stage that has one. */
export type ConsoleSettings = z.output<typeof consoleSettings>;
