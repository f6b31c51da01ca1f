import { isBodyOptional, noBody, type Route } from '../http/route.ts';
import { parametersOf } from './parameters.ts';
import { responsesOf } from './responses.ts';
import type { SchemaWriter } from './schemas.ts';
import { securityOf } from './security.ts';

/** Returns the OpenAPI operation of a route. Named schemas go to the writer's components. */
export function operationOf(operationId: string, route: Route, writer: SchemaWriter) {
  const parameters = parametersOf(route, writer);
  return {
    operationId,
    tags: [tagOf(route)],
    summary: route.summary,
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== noBody && { requestBody: requestBodyOf(operationId, route, writer) }),
    responses: responsesOf(route, writer),
  };
}

/** Returns the route's resource: the folder of its entry file. */
function tagOf({ entry }: Route): string {
  return entry.slice(0, entry.indexOf('/'));
}

function requestBodyOf(operationId: string, route: Route, writer: SchemaWriter) {
  const name = `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}Request`;
  return {
    required: !isBodyOptional(route),
    content: { 'application/json': { schema: writer.writeRequest(name, route.body) } },
  };
}
