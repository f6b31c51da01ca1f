import * as z from 'zod/mini';
import { AUTH_TYPES } from '../../domain/terms.ts';
import { route } from './route.ts';
import { cursor, described, limitOrAll, named, pageOf, plainText } from './schemas/primitives.ts';
import { provider } from './schemas/provider.ts';

export const listProviders = route('providers/list', {
  routeKey: 'GET /v1/providers',
  caller: { kind: 'user', scope: 'self' },
  summary: 'Lists the providers that can be connected',
  capabilities: ['catalog:list', 'oauth:describe'],
  query: z.strictObject({
    q: z.optional(plainText(128).check(z.describe('A part of the name, without regard to case or accents.'))),
    category: described(z.optional(plainText(40)), 'Only providers of this category.'),
    auth: described(z.optional(z.enum(AUTH_TYPES)), 'Only providers with this `auth.type`.'),
    available: described(
      z.optional(z.enum(['true', 'false'])),
      'Only providers that can be connected, or only those whose OAuth client the platform lacks.',
    ),
    limit: limitOrAll,
    cursor,
  }),
  etag: 'content',
  responses: {
    200: named('ProviderList', pageOf(provider), 'Providers, by name.'),
    304: null,
  },
  errors: ['invalid_cursor'],
});

export const getProvider = route('providers/get', {
  routeKey: 'GET /v1/providers/{provider}',
  caller: { kind: 'user', scope: 'self' },
  summary: 'Gets a provider and the fields that it needs',
  capabilities: ['catalog:forms', 'oauth:describe'],
  etag: 'content',
  responses: { 200: provider, 304: null },
  errors: ['provider_not_found'],
});

export const getProviderIcon = route('providers/icon', {
  routeKey: 'GET /v1/providers/{provider}/icon.svg',
  caller: { kind: 'public' },
  summary: "Gets a provider's icon",
  capabilities: ['catalog:icons'],
  responses: { 200: z.string() },
  mediaType: 'image/svg+xml',
  errors: ['provider_not_found'],
});
