import type { Route } from '../http/route.ts';

/** How each kind of caller proves who it is. */
export const SECURITY_SCHEMES = {
  user: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: "An access token of the platform's OpenID Connect issuer; `sub` is the person's id.",
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

/** The scheme that a route asks for; none on a public one. */
export function securityOf({ caller }: Route): readonly Readonly<Record<string, readonly string[]>>[] {
  return caller.kind === 'public' ? [] : [{ [caller.kind]: [] }];
}
