import { routes } from '../http/index.ts';
import type { Route } from '../http/route.ts';
import { operationOf } from './operation.ts';
import { gatewayRefusalSchema, problemSchema } from './problem.ts';
import { schemaWriter } from './schemas.ts';
import { SECURITY_SCHEMES } from './security.ts';

const DESCRIPTION = `
Manages the connections of a flow-automation platform: stored credentials for one account at one third-party
provider, created while an integration is configured in a flow and shared by all flows of the project.

**Conventions.** JSON in UTF-8; times are RFC 3339 in UTC with milliseconds. Body fields and query parameters
that are not declared are refused, and all issues of a request are reported at once. Responses may gain fields.

**Lists** return \`items\` and \`nextCursor\`, which is null on the last page; send it back as \`cursor\` with the
same filters. **Versions**: a single connection is answered with an ETag, which \`If-Match\` takes.

**Refusals** are \`application/problem+json\` with a \`code\` of one closed list. A project that the caller is no
member of is refused like one that does not exist: 404 \`project_not_found\`.

**On AWS** API Gateway refuses some requests before they reach the API, in its own format,
\`{"message": "…"}\` in \`application/json\`: 401 without a valid token, 403 without a valid signature, 404 where
there is no such route, and 429 beyond the rate limit.
`;

const SERVERS = [
  {
    url: 'https://{apiId}.execute-api.{region}.amazonaws.com',
    description: 'On AWS; the address is an output of the stack.',
    variables: { apiId: { default: 'api' }, region: { default: 'eu-central-1' } },
  },
  {
    url: 'http://127.0.0.1:{port}',
    description: 'Local mode.',
    variables: { port: { default: '8787' } },
  },
];

const TAGS: Readonly<Record<string, string>> = {
  projects: 'The projects of the caller.',
  connections: 'The connections of a project: list, rename, reconnect, check.',
  flows: 'The flows of a project and their integrations.',
  integrations: 'The steps of a flow that act on a provider. Configuring one creates a connection.',
  authorizations: 'Authorizations at providers that use OAuth 2.0, under way.',
  oauth: "The redirect URIs of the platform's OAuth clients.",
  providers: 'The third-party services that can be connected.',
  engine: 'Operations of the flow engine while it runs a flow.',
  members: 'Members of a project and their roles, as the platform reports them.',
};

/** Returns the API as an OpenAPI 3.1 document, derived from the routes. */
export function openapi() {
  const writer = schemaWriter();
  const paths: Record<string, Record<string, ReturnType<typeof operationOf>>> = {};
  for (const [operationId, route] of inOrder()) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(operationId, route, writer),
    };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Connections', version: '1.0.0', description: DESCRIPTION.trim() },
    servers: SERVERS,
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: { ...writer.components(), GatewayRefusal: gatewayRefusalSchema, Problem: problemSchema },
    },
  };
}

/** Sorts by path and method, so that the text does not depend on the order of the files. */
function inOrder(): readonly (readonly [string, Route])[] {
  const key = ({ path, method }: Route) => `${path} ${method}`;
  const entries: [string, Route][] = Object.entries(routes);
  return entries.sort(([, a], [, b]) => (key(a) < key(b) ? -1 : 1));
}

/** Returns the text of `openapi.json`. */
export function openapiText(): string {
  return `${JSON.stringify(openapi(), null, 2)}\n`;
}
