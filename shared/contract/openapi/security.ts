import type { Route } from '../http/route.ts';

/** The authentication of each kind of caller. */
export const SECURITY_SCHEMES = {
  user: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: "An access token of the platform's OpenID Connect issuer; `sub` is the user's id.",
  },
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
  engine: {
    type: 'apiKey',
    name: 'Authorization',
    in: 'header',
    'x-amazon-apigateway-authtype': 'awsSigv4',
    description:
      'AWS Signature Version 4 for the service `execute-api`, by a role that may invoke the route.',
  },
} as const;

/** Returns the security scheme of a route; none for a public one. */
export function securityOf({ caller }: Route): readonly Readonly<Record<string, readonly string[]>>[] {
  return caller.kind === 'public' ? [] : [{ [caller.kind]: [] }];
}
