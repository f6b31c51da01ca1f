import * as z from 'zod/mini';
import type { NewCredentials } from './accepted.ts';
import { faultMode } from './faults.ts';
import { json, type ServiceAnswer, type ServiceRequest } from './service.ts';
import { services } from './services/index.ts';
import type { SandboxState } from './third-parties.ts';

const providers: ReadonlySet<string> = new Set(services.map((service) => service.provider));
const provider = z.string().check(z.refine((id) => providers.has(id), 'is not in the sandbox'));
const text = z.string().check(z.minLength(1), z.maxLength(200));

const newCredentials = z.strictObject({
  provider,
  credentials: z.record(z.string(), z.string()),
  account: z.optional(z.strictObject({ id: text, label: text })),
  expiresAt: z.optional(z.nullable(z.iso.datetime({ offset: true }))),
  scopes: z.optional(z.array(text)),
});
const fault = z.strictObject({ mode: faultMode });

/** Answers a request below `/_control`; undefined for one that it does not know. */
export function control(request: ServiceRequest, state: SandboxState): ServiceAnswer | undefined {
  const [resource, id, ...rest] = request.path.split('/').slice(2).map(decodeURIComponent);
  const route = `${request.method} ${resource}${id === undefined ? '' : '/:id'}`;
  if (rest.length > 0) return undefined;
  switch (route) {
    case 'POST credentials':
      return parsed(newCredentials, request.body, (given) => {
        const [id] = state.accepted.acceptAll([toAccept(given)]);
        return json(201, { id });
      });
    case 'POST credential-lists':
      return parsed(z.array(newCredentials), request.body, (given) =>
        json(201, { ids: state.accepted.acceptAll(given.map(toAccept)) }),
      );
    case 'DELETE credentials/:id':
      return state.accepted.revoke(id ?? '') ? noContent : json(404, { error: 'no such credentials' });
    case 'PUT faults/:id':
      return parsed(fault, request.body, ({ mode }) => {
        if (!providers.has(id ?? '')) return json(404, { error: 'no such provider' });
        state.faults.set(id ?? '', mode);
        return json(200, { provider: id, mode });
      });
    case 'GET requests':
      return json(200, { items: state.received.list(request.query.get('provider')) });
    default:
      return undefined;
  }
}

function toAccept(given: z.infer<typeof newCredentials>): NewCredentials {
  const { provider, credentials: fields, account = null, scopes = [] } = given;
  const expiresAt = given.expiresAt ? new Date(given.expiresAt).toISOString() : null;
  return { provider, fields, account, expiresAt, scopes };
}

const noContent: ServiceAnswer = { status: 204, headers: {}, body: '' };

function parsed<T>(schema: z.ZodMiniType<T>, body: string, use: (value: T) => ServiceAnswer): ServiceAnswer {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return use(result.data);
  const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return json(400, { error: 'invalid', errors });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
