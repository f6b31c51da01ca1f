import { setTimeout as wait } from 'node:timers/promises';
import { type AcceptedCredentials, digestOf } from './accepted.ts';
import { commonFaults, type FaultMode, RATE_LIMIT_SECONDS, SLOW_MS } from './faults.ts';
import type { ReceivedRequests } from './requests.ts';
import { json, type Route, type Service, type ServiceAnswer, type ServiceRequest } from './service.ts';
import { services } from './services/index.ts';

/** What the sandbox keeps. */
export interface SandboxState {
  readonly accepted: AcceptedCredentials;
  readonly faults: Map<string, FaultMode>;
  readonly received: ReceivedRequests;
  /** Told of each request that bore credentials which are known. */
  readonly onKnown?: ((request: KnownRequest) => void) | undefined;
}

/** A request with credentials that a third party knows. */
export interface KnownRequest {
  /** Of the credentials. */
  readonly id: string;
  /** As the service documents it; undefined where it does not. */
  readonly path: string | undefined;
}

interface Outcome {
  readonly outcome: string;
  /** Undefined: never. */
  readonly answer: ServiceAnswer | undefined;
}

/** The service that answers at a host. */
export function serviceAt(host: string): Service | undefined {
  return services.find((service) => service.host.test(host));
}

/** Answers as the third party of this host would; undefined when it hangs. */
export async function answerAsThirdParty(
  request: ServiceRequest,
  state: SandboxState,
): Promise<ServiceAnswer | undefined> {
  const service = serviceAt(request.host);
  if (service === undefined) return json(404, { error: 'the sandbox has no service at this host' });
  const route = routeOf(service, request);
  const fault = state.faults.get(service.provider) ?? 'none';
  const { outcome, answer } = outcomeOf(service, route, request, fault, state);
  state.received.add({
    at: new Date().toISOString(),
    provider: service.provider,
    method: request.method,
    host: request.host,
    path: route?.path ?? '(not documented)',
    outcome,
  });
  if (fault === 'slow') await wait(SLOW_MS);
  return answer;
}

function outcomeOf(
  service: Service,
  route: Route | undefined,
  request: ServiceRequest,
  fault: FaultMode,
  state: SandboxState,
): Outcome {
  const now = new Date();
  if (fault === 'hang') return { outcome: fault, answer: undefined };
  if (fault === 'rate_limited')
    return { outcome: fault, answer: service.rateLimited(RATE_LIMIT_SECONDS, now) };
  const common = commonFaults[fault];
  if (common !== undefined) return { outcome: fault, answer: common };
  const presented = service.presented(request);
  const found = state.accepted.find(service.provider, presented, now);
  if ('refusal' in found) return { outcome: found.refusal, answer: service.refused(found.refusal, request) };
  state.onKnown?.({ id: found.accepted.id, path: route?.path });
  if (fault === 'forbidden') return { outcome: fault, answer: service.forbidden(request) };
  if (route === undefined) return { outcome: 'not_found', answer: json(404, { error: 'not found' }) };
  const { account, expiresAt, scopes } = found.accepted;
  const fields = presented ?? {};
  const seed = digestOf(`account of ${service.provider}`, fields);
  const session = { account: account ?? service.account(seed, fields), expiresAt, scopes, request };
  return { outcome: 'ok', answer: route.answer(session) };
}

function routeOf(service: Service, { method, path }: ServiceRequest): Route | undefined {
  return service.routes.find((route) => route.method === method && pattern(route.path).test(path));
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:[a-z]+/g, '[^/]+')}$`);
}
