import { describe, expect, expectTypeOf, test } from 'vitest';
import type * as z from 'zod/mini';
import type { CapabilityPorts, PortsFor } from '../../../shared/contract/capabilities.ts';
import type { routes } from '../../../shared/contract/http/index.ts';
import {
  type CapabilitiesOf,
  capabilitiesOf,
  type Route,
  route,
} from '../../../shared/contract/http/route.ts';
import type { ProjectAccess } from '../../../shared/domain/access/roles.ts';
import type { OperationContext } from '../../../shared/domain/operation-context.ts';
import { onSchedule } from '../../../shared/runtime/background/schedule.ts';
import type { AccessOf } from '../../../shared/runtime/http/authorize.ts';
import {
  type Endpoint,
  endpoint,
  type HandlerPorts,
  noContent,
  ok,
} from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { createPorts, type Wiring } from '../../../shared/runtime/ports.ts';

/** `tsc` proves these declarations: an `@ts-expect-error` over a line that compiles is an error. */

const inProject = { summary: 'Any route', responses: { 204: null } } as const;

const path = '/v1/projects/{projectId}/any';
const routeKey = `GET ${path}` as const;

const renaming = route('any/any', {
  ...inProject,
  routeKey: `PUT ${path}`,
  caller: { kind: 'user', action: 'connections.rename' },
  capabilities: ['table:read', 'table:write'],
});
const rename = endpoint(renaming, () => Promise.resolve(noContent()));

/** Ports of a capability that no test calls. */
const notCalled = (): never => {
  throw new Error('No port is expected to be created.');
};

describe('a route', () => {
  test('does not compile below a project without an action, nor for the flow engine with another caller', () => {
    const rest = { ...inProject, capabilities: [] } as const;
    // @ts-expect-error The caller has no action.
    route('any/any', { ...rest, routeKey, caller: { kind: 'user', scope: 'self' } });
    // @ts-expect-error The caller is no user.
    route('any/any', { ...rest, routeKey, caller: { kind: 'engine' } });
    // @ts-expect-error The caller is anybody.
    route('any/any', { ...rest, routeKey, caller: { kind: 'public' } });
    // @ts-expect-error No role allows this action.
    route('any/any', { ...rest, routeKey, caller: { kind: 'user', action: 'connections.unknown' } });
    const engine = { ...rest, routeKey: 'GET /v1/runtime/projects/{projectId}/any' } as const;
    // @ts-expect-error The flow engine alone calls this path.
    route('any/any', { ...engine, caller: { kind: 'public' } });
    route('any/any', { ...engine, caller: { kind: 'engine' } });
    route('any/any', { ...rest, routeKey, caller: { kind: 'user', action: 'project.view' } });
    route('any/any', { ...rest, routeKey: 'GET /v1/projects', caller: { kind: 'user', scope: 'self' } });
  });

  test('has the parameters of its path, and does not compile with an unknown one', () => {
    expect(Object.keys(renaming.params.def.shape)).toEqual(['projectId']);
    expectTypeOf<z.output<typeof renaming.params>>().toEqualTypeOf<{ projectId: string }>();
    const rest = { ...inProject, capabilities: [], caller: { kind: 'public' } } as const;
    // @ts-expect-error No schema has this name.
    route('any/any', { ...rest, routeKey: 'GET /v1/providers/{providerName}' });
  });
});

describe('a handler', () => {
  test('has what authorizing its requests read, and a connection where its route loads one', () => {
    type Access = Parameters<Endpoint<typeof renaming>['handle']>[0]['access'];
    expectTypeOf<Access>().toEqualTypeOf<Promise<Pick<ProjectAccess, 'counts'>>>();
    expectTypeOf<AccessOf<typeof routes.renameConnection>>().toEqualTypeOf<
      Pick<ProjectAccess, 'counts' | 'connection'>
    >();
    expectTypeOf<AccessOf<typeof routes.issueCredentials>>().toHaveProperty('connection');
    expectTypeOf<AccessOf<typeof routes.deleteProject>>().toEqualTypeOf<null>();
    expectTypeOf<AccessOf<typeof routes.listProjects>>().toEqualTypeOf<null>();
    const rest = { ...inProject, capabilities: [], loads: 'connection' } as const;
    const early = { ...inProject, routeKey, concurrentAuthorization: true } as const;
    const caller = { kind: 'user', action: 'project.view' } as const;
    route('any/any', { ...early, caller, capabilities: ['table:read'] });
    // @ts-expect-error The handler could write before the request is authorized.
    route('any/any', { ...early, caller, capabilities: ['table:read', 'table:write'] });
    // @ts-expect-error A PUT writes.
    route('any/any', { ...early, routeKey: `PUT ${path}`, caller, capabilities: ['table:read'] });
    // @ts-expect-error The path names no connection.
    route('any/any', { ...rest, routeKey, caller: { kind: 'user', action: 'project.view' } });
  });

  test('has the ports of its capabilities and the context only', () => {
    expectTypeOf<HandlerPorts<typeof renaming>>().toEqualTypeOf<
      OperationContext & CapabilityPorts['table:read'] & CapabilityPorts['table:write']
    >();
    expectTypeOf<HandlerPorts<typeof routes.listProjects>>().toEqualTypeOf<
      OperationContext & CapabilityPorts['table:read']
    >();
    expectTypeOf<PortsFor<'credentials:read' | 'credentials:write'>['credentials']>().toHaveProperty('put');
  });

  test('does not compile with a port that its route did not declare', () => {
    endpoint(renaming, async ({ params }, ports) => {
      // @ts-expect-error The route does not declare `credentials:read`.
      await ports.credentials.read({ connectionId: params.projectId, version: '' });
      // @ts-expect-error Its guard reads roles, the handler does not.
      await ports.roles.read(params);
      return noContent();
    });
    onSchedule(
      { entry: 'schedules/any', everyMinutes: 1, summary: 'Any schedule', capabilities: [] },
      async (ports) => {
        // @ts-expect-error The schedule does not declare `table:read`.
        await ports.connections.find({ projectId: 'demo', connectionId: '' });
        return { done: 0, failures: [] };
      },
      {},
    );
  });

  test('does not compile with a response that its route did not declare', () => {
    // @ts-expect-error The route declares 204.
    endpoint(renaming, () => Promise.resolve(ok({})));
  });
});

describe('the wiring of a function', () => {
  const wiring = {
    'table:read': notCalled,
    'table:write': notCalled,
    'roles:read': notCalled,
    'idempotency:write': notCalled,
  } satisfies Wiring<CapabilitiesOf<typeof renaming>>;

  test('does not compile without the capabilities of the route and of its guards', () => {
    lambda(rename, wiring);
    const { 'roles:read': _roles, ...withoutRoles } = wiring;
    // @ts-expect-error The route has an action.
    lambda(rename, withoutRoles);
    const { 'idempotency:write': _idempotency, ...withoutIdempotency } = wiring;
    // @ts-expect-error The route is idempotent.
    lambda(rename, withoutIdempotency);
    const { 'table:write': _table, ...withoutTable } = wiring;
    // @ts-expect-error The route declares `table:write`.
    lambda(rename, withoutTable);
  });

  test('does not compile without the capabilities of a background function', () => {
    const schedule = {
      entry: 'schedules/any',
      everyMinutes: 1,
      summary: 'Any schedule',
      capabilities: ['table:read'],
    } as const;
    const run = () => Promise.resolve({ done: 0, failures: [] });
    onSchedule(schedule, run, wiring);
    // @ts-expect-error The schedule declares `table:read`.
    onSchedule(schedule, run, {});
  });

  test('fails at the first request for a capability that is missing all the same', () => {
    expect(() => createPorts(['table:read'], {})).toThrow('No wiring for the capability table:read.');
  });

  test('merges the ports of capabilities that share a group', () => {
    const ports = createPorts<object>(['credentials:read', 'credentials:remove'], {
      'credentials:read': () => ({ credentials: { read: 1 } }),
      'credentials:remove': () => ({ credentials: { retire: 2 } }),
    });
    expect(ports).toEqual({ credentials: { read: 1, retire: 2 } });
  });
});

describe('the capabilities of a route', () => {
  test.each<[Pick<Route, 'method' | 'caller' | 'capabilities'>, readonly string[]]>([
    [
      { method: 'PATCH', caller: { kind: 'user', action: 'project.view' }, capabilities: ['table:write'] },
      ['table:write', 'roles:read'],
    ],
    [
      { method: 'PUT', caller: { kind: 'engine' }, capabilities: ['members:write'] },
      ['members:write', 'roles:read', 'idempotency:write'],
    ],
    [
      { method: 'POST', caller: { kind: 'engine' }, capabilities: ['credentials:read'] },
      ['credentials:read', 'roles:read'],
    ],
    [
      {
        method: 'GET',
        caller: { kind: 'engine', scope: 'deleted' },
        capabilities: ['table:read'],
      },
      ['table:read'],
    ],
    [{ method: 'GET', caller: { kind: 'user', scope: 'self' }, capabilities: [] }, []],
  ])('%j include those of its guards', (declaration, expected) => {
    expect(capabilitiesOf(declaration)).toEqual(expected);
  });

  test('are the same for the compiler', () => {
    expectTypeOf<CapabilitiesOf<typeof renaming>>().toEqualTypeOf<
      'table:read' | 'table:write' | 'roles:read' | 'idempotency:write'
    >();
    expectTypeOf<CapabilitiesOf<typeof routes.renameConnection>>().toEqualTypeOf<
      'catalog:summaries' | 'table:read' | 'table:write' | 'roles:read'
    >();
    expectTypeOf<CapabilitiesOf<typeof routes.putMember>>().toEqualTypeOf<
      'members:write' | 'roles:read' | 'idempotency:write'
    >();
    expectTypeOf<CapabilitiesOf<typeof routes.issueCredentials>>().toEqualTypeOf<
      | 'catalog:entries'
      | 'table:read'
      | 'table:write'
      | 'credentials:read'
      | 'credentials:write'
      | 'oauth:clients'
      | 'oauth:call'
      | 'tokens:seal'
      | 'roles:read'
    >();
    expectTypeOf<CapabilitiesOf<typeof routes.deleteProject>>().toEqualTypeOf<'deletions:write'>();
    expectTypeOf<CapabilitiesOf<typeof routes.getProviderIcon>>().toEqualTypeOf<'catalog:icons'>();
  });
});
