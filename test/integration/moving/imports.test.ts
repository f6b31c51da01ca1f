import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { requireCodeGrant, requireParty } from '../../../shared/domain/credentials/tokens.ts';
import { requireProvider } from '../../../shared/domain/model/provider.ts';
import {
  type ImportedConnection,
  importConnection,
} from '../../../shared/domain/moving/import-connection.ts';
import { deleteProject } from '../../../shared/domain/projects/delete.ts';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { selectCall } from '../../harness/fault-injector.ts';
import { CONNECTED_AT, importDifferences, importedOf, importWith } from '../../harness/import-operations.ts';
import { everyInterleaving } from '../../harness/interleavings.ts';
import { BOX, GOOGLE, issue } from '../../harness/oauth-operations.ts';
import {
  addConnection,
  endDeletion,
  isRefusal,
  linkOf,
  PROVIDER,
  unlinkOf,
} from '../../harness/operations.ts';
import type { Ports } from '../../harness/process.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import type { StoredState } from '../../harness/stored-state.ts';

const inDeployment = simulatedDeployments();

const DAY_MS = 24 * 60 * 60 * 1000;

/** Obtains tokens as the other platform did, by the same OAuth client, and uses them. */
async function tokensOf(
  { faultless, providers }: SimulatedDeployment,
  providerId: string,
  user: string,
): Promise<{ readonly refreshToken: string; readonly accessToken: string }> {
  const provider = requireProvider({ providerId }, faultless);
  const { authorizeUrl, scopes, authorizeParameters } = requireCodeGrant(provider);
  const party = await requireParty(provider, {}, faultless);
  const codeVerifier = 'v'.repeat(43);
  const redirectUri = 'https://other.example/callback';
  const query = new URLSearchParams({
    ...authorizeParameters,
    ...{ response_type: 'code', client_id: party.client.clientId, redirect_uri: redirectUri, state: 'state' },
    scope: [...scopes.required, ...(scopes.optional ?? [])].join(scopes.separator ?? ' '),
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const callback = await providers.consent(providerId, `${authorizeUrl}?${query}`, user);
  const grant = { code: callback.code ?? '', codeVerifier, redirectUri, callback };
  const result = await faultless.oauthProvider.exchangeCode(party, grant);
  if (result.outcome !== 'ok') throw new Error(`No tokens: ${result.outcome}`);
  const { accessToken, tokenType, refreshToken = '' } = result.tokens;
  await faultless.verifier.verify(provider, new Credentials({ accessToken, tokenType }));
  return { refreshToken, accessToken };
}

const inAnHour = (deployment: SimulatedDeployment) =>
  new Date(deployment.now().getTime() + 60 * 60 * 1000).toISOString();

type Prepare = (deployment: SimulatedDeployment) => Promise<ImportedConnection>;

/** Crashes before and after each write of an import, repeats it as the command does, and returns what is wrong. */
async function everyCrash(prepare: Prepare): Promise<readonly string[]> {
  const violations: string[] = [];
  for (const kind of ['crash_before', 'crash_after'] as const) {
    for (let write = 0, hasCrashed = true; hasCrashed; write += 1) {
      const result = await inDeployment((deployment) => afterCrash(deployment, prepare, { write, kind }));
      violations.push(...result.violations.map((violation) => `${result.call}, ${kind}: ${violation}`));
      hasCrashed = result.call !== 'none';
    }
  }
  return violations;
}

async function afterCrash(
  deployment: SimulatedDeployment,
  prepare: Prepare,
  { write, kind }: { readonly write: number; readonly kind: 'crash_before' | 'crash_after' },
) {
  const imported = await prepare(deployment);
  const { ports, injector } = deployment.process({ faults: [{ at: { write }, kind, lasting: false }] });
  await importWith(ports, imported).catch((error: unknown) => {
    if (!injector.crashed) throw error;
  });
  const call = selectCall(injector.calls, { write })?.command ?? 'none';
  return { call, violations: await repeated(deployment, imported) };
}

/** Repeats an import until it is complete, and once more. */
async function repeated(
  deployment: SimulatedDeployment,
  imported: ImportedConnection,
): Promise<readonly string[]> {
  const momentary = await deployment.momentaryViolations();
  // A crash may have left the lease of a refresh.
  await importWith(deployment.faultless, imported).catch((error: unknown) => {
    if (!isRefusal(error, ['busy'])) throw error;
  });
  await deployment.recover();
  const completed = await importWith(deployment.faultless, imported);
  const before = await deployment.recover();
  const again = await importWith(deployment.faultless, imported);
  const state = await deployment.state();
  return [
    ...momentary,
    ...(await deployment.invariantViolations(state)),
    ...(again.outcome === 'known' ? [] : [`again ${again.outcome}`]),
    ...(again.connectionId === completed.connectionId ? [] : ['another connection']),
    ...(entryCount(before) === entryCount(state) ? [] : ['a repetition changed something']),
    ...importDifferences(imported, state),
  ];
}

function entryCount({ history }: StoredState): number {
  return [...history.values()].flat().length;
}

const withKey = async ({ providers }: SimulatedDeployment) => {
  providers.accept(PROVIDER, 'moved');
  return importedOf('moved');
};

describe('an import of one connection', { timeout: 60_000 }, () => {
  test('by its key takes effect once, wherever it crashes', async () => {
    expect(await everyCrash(withKey)).toEqual([]);
  });

  test('by a refresh token that each use replaces loses no grant, wherever it crashes', async () => {
    const violations = await everyCrash(async (deployment) => {
      const { refreshToken } = await tokensOf(deployment, BOX, 'moved');
      const flows = [{ id: 'first', name: 'First', steps: ['one'] }];
      const credentials = new Credentials({ refreshToken });
      return importedOf('moved', { providerId: BOX, flows, credentials });
    });
    // The provider replaced the token, and the process that received the new one stored it nowhere.
    const lost = ['token, crash_after: is inactive', `${STORE_CALLS.put}, crash_before: is inactive`];
    expect(violations.filter((violation) => !lost.includes(violation))).toEqual([]);
  });

  test('and another import of the same one make one connection, in every order of their calls', async () => {
    const violations = await everyInterleaving(inDeployment, async (deployment) => {
      const imported = await withKey(deployment);
      const refusals = ['busy'] as const;
      const side = (step: string) => ({
        run: (ports: Ports) =>
          importWith(ports, { ...imported, flows: [{ id: 'first', name: 'First', steps: [step] }] }),
        refusals,
      });
      // Another step in the second file: the platform's id alone says that it is the same one.
      return { sides: [side('one'), side('two')], connections: [1] };
    });
    expect(violations).toEqual([]);
  });

  test('keeps the times of the other platform, and sorts by them', () =>
    inDeployment(async (deployment) => {
      const newer = await addConnection(deployment);
      const imported = await withKey(deployment);
      const { connectionId } = await importWith(deployment.faultless, imported);
      const query = {
        projectId: PROJECT,
        sort: 'connectedAt',
        order: 'asc',
        limit: 10,
        after: null,
      } as const;
      const { items } = await deployment.faultless.connections.list(query);
      expect(items.map(({ id }) => id)).toEqual([connectionId, newer]);
      expect(items[0]).toMatchObject({
        ...{ connectedAt: CONNECTED_AT, statusSince: CONNECTED_AT, createdBy: 'grace', flowCount: 2 },
        lastCheckedAt: expect.stringMatching(/^2026/),
      });
    }));

  test('uses a live access token, and leaves its refresh token unused', () =>
    inDeployment(async (deployment) => {
      const tokens = await tokensOf(deployment, BOX, 'moved');
      const accessTokenExpiresAt = inAnHour(deployment);
      const imported = importedOf('moved', {
        ...{ providerId: BOX, credentials: new Credentials(tokens), accessTokenExpiresAt },
      });
      const { connectionId } = await importWith(deployment.faultless, imported);
      const issued = await issue(deployment.faultless, connectionId);
      expect(issued.credentials.reveal()).toMatchObject({ accessToken: tokens.accessToken });
      const difference = Date.parse(issued.expiresAt ?? '') - Date.parse(accessTokenExpiresAt);
      expect(Math.abs(difference)).toBeLessThan(1_000);
      expect(deployment.providers.grantsOf(BOX, 'moved')[0]?.refreshed).toBe(0);
      expect(await deployment.servingFields(connectionId)).toEqual({ refreshToken: tokens.refreshToken });
    }));

  test('refreshes where the access token ended early', () =>
    inDeployment(async (deployment) => {
      const { refreshToken } = await tokensOf(deployment, GOOGLE, 'moved');
      const imported = importedOf('moved', {
        ...{ providerId: GOOGLE, accessTokenExpiresAt: inAnHour(deployment) },
        credentials: new Credentials({ refreshToken, accessToken: 'ended' }),
      });
      expect(await importWith(deployment.faultless, imported)).toMatchObject({ status: 'active' });
      expect(deployment.providers.grantsOf(GOOGLE, 'moved')[0]?.refreshed).toBe(1);
    }));

  test('waits for the call budget of its provider, which checks use too', () =>
    inDeployment(async (deployment) => {
      const imported = await withKey(deployment);
      const callLimits = { defaultPerSecond: 20, perSecondOf: { [PROVIDER]: 1 } };
      const rate = { perSecond: 1, burst: 5 };
      const checks = { checks: 5, following: 2, tokensPerCheck: 1, isUrgent: false, isReserved: false };
      const { callBudget } = deployment.faultless;
      await callBudget.takeTokens(PROVIDER, { ...checks, rate }, deployment.now());
      const waits: number[] = [];
      const wait = (seconds: number) => {
        waits.push(seconds);
        deployment.advance(seconds);
        return Promise.resolve();
      };
      const ports = { ...deployment.faultless, callLimits, pace: () => Promise.resolve(), wait };
      expect(await importConnection(imported, true, ports)).toMatchObject({ outcome: 'imported' });
      // The probe, and the request for the end of the token.
      expect(waits).toEqual([2]);
    }));

  test('is inactive if its provider refuses the refresh token', () =>
    inDeployment(async (deployment) => {
      const { refreshToken } = await tokensOf(deployment, BOX, 'moved');
      deployment.providers.revokeGrants(BOX, 'moved');
      const credentials = new Credentials({ refreshToken });
      const imported = importedOf('moved', { providerId: BOX, credentials });
      expect(await importWith(deployment.faultless, imported)).toMatchObject({ status: 'inactive' });
      const state = await deployment.recover();
      expect(state.connections[0]?.item.summary).toMatchObject({ statusReason: 'access_revoked' });
    }));

  test('asks no provider for an inactive one, or where it is not to be verified', () =>
    inDeployment(async (deployment) => {
      const status = { status: 'inactive', statusReason: 'access_changed' } as const;
      const statusSince = '2025-01-01T00:00:00.000Z';
      const revoked = await importWith(deployment.faultless, importedOf('revoked', { status, statusSince }));
      const account = { id: 'account', label: 'Account' };
      const flows = [{ id: 'third', name: 'Third', steps: ['four'] }];
      const expiresAt = new Date(deployment.now().getTime() + 10 * DAY_MS).toISOString();
      await importWith(deployment.faultless, importedOf('unverified', { account, flows, expiresAt }), false);
      expect(deployment.providers.verificationCount(PROVIDER)).toBe(0);
      const { connections, history, counts } = await deployment.state();
      const summaries = connections.map(({ item }) => item.summary);
      expect(summaries).toContainEqual(expect.objectContaining({ ...status, statusSince, version: 2 }));
      expect(summaries).toContainEqual(expect.objectContaining({ status: 'active', account, expiresAt }));
      expect(counts.get(PROJECT)).toMatchObject({ total: 2, active: 1, inactive: 1 });
      expect(history.get(revoked.connectionId)?.[0]).toMatchObject({
        ...{ type: 'created', reason: 'access_changed', to: { name: 'revoked', status: 'inactive' } },
      });
    }));
});

test('an import may leave out what a provider keeps beside its tokens and no request needs', () =>
  inDeployment(async (deployment) => {
    const credentials = new Credentials({ refreshToken: 'unknown' });
    const imported = importedOf('jo', { providerId: 'jira-oauth', credentials });
    expect(await importWith(deployment.faultless, imported)).toMatchObject({
      outcome: 'imported',
      status: 'inactive',
    });
  }));

describe('a refused import', () => {
  const refusal = (deployment: SimulatedDeployment, imported: ImportedConnection) =>
    importWith(deployment.faultless, imported).catch((error: unknown) => error);

  test.each([
    ['of credentials that the provider rejects', {}, { code: 'credentials_rejected' }],
    ['of an unknown provider', { providerId: 'none' }, { code: 'provider_not_found' }],
    [
      'of fields that the provider does not have',
      { credentials: new Credentials({ other: 'x' }) },
      { code: 'invalid_request' },
    ],
    [
      'of a time to come',
      { connectedAt: '2999-01-01T00:00:00.000Z' },
      { problem: { errors: [{ path: 'connectedAt', message: 'must be between 1970 and now' }] } },
    ],
    [
      'without tokens',
      { providerId: BOX, credentials: new Credentials({}) },
      { problem: { errors: [{ path: 'credentials.refreshToken', message: 'is required' }] } },
    ],
    [
      'without the access token of a provider that issues nothing else',
      { providerId: 'github-oauth', credentials: new Credentials({}) },
      { problem: { errors: [{ path: 'credentials.accessToken', message: 'is required' }] } },
    ],
    [
      'without a value that every request of the provider needs',
      { providerId: 'xero', credentials: new Credentials({ refreshToken: 'x' }) },
      { problem: { errors: [{ path: 'credentials.tenantId', message: 'is required' }] } },
    ],
    [
      'of tokens of another OAuth client',
      {
        providerId: BOX,
        credentials: new Credentials({ refreshToken: 'x' }),
        clientId: 'of-another-platform',
      },
      { problem: { errors: [{ path: 'clientId' }] } },
    ],
  ] as const)('%s leaves nothing', (_name, changes, expected) =>
    inDeployment(async (deployment) => {
      expect(await refusal(deployment, importedOf('refused', changes))).toMatchObject(expected);
      const state = await deployment.recover();
      expect(state).toMatchObject({ connections: [], intents: [], secrets: [], unknownItems: [] });
      expect(await deployment.faultless.imports.find(importedOf('refused'))).toBeUndefined();
    }),
  );

  test('of a provider that is down leaves nothing, and is repeated', () =>
    inDeployment(async (deployment) => {
      const imported = await withKey(deployment);
      deployment.providers.setFault(PROVIDER, 'down');
      expect(await refusal(deployment, imported)).toMatchObject({ code: 'provider_unavailable' });
      expect(await deployment.recover()).toMatchObject({ connections: [], intents: [], secrets: [] });
      deployment.providers.setFault(PROVIDER, 'none');
      expect(await importWith(deployment.faultless, imported)).toMatchObject({ outcome: 'imported' });
    }));

  test('of more steps than a flow can have leaves nothing', () =>
    inDeployment(async (deployment) => {
      const flows = ['one', 'two'].map((id) => ({
        id,
        name: id,
        steps: Array.from({ length: 201 }, String),
      }));
      const error = await refusal(deployment, importedOf('refused', { flows }));
      expect(error).toMatchObject({
        problem: { errors: [{ message: 'the flow one has 200 steps at most' }] },
      });
      expect((await deployment.state()).connections).toEqual([]);
    }));

  test('of a step that another connection has leaves that connection alone', () =>
    inDeployment(async (deployment) => {
      const id = await addConnection(deployment);
      deployment.providers.accept(PROVIDER, 'moved');
      const flows = [
        { id: 'other', name: 'Other', steps: ['one'] },
        { id: 'flow', name: 'Flow', steps: ['step'] },
      ];
      const error = await refusal(deployment, importedOf('moved', { flows }));
      const message = 'the step step is linked to another connection';
      expect(error).toMatchObject({ problem: { errors: [{ path: 'flows', message }] } });
      const state = await deployment.recover();
      expect(state.connections.map((connection) => connection.id)).toEqual([id]);
      expect(await deployment.invariantViolations(state)).toEqual([]);
    }));
});

test.each([
  ['its first step', [['flow', 'step']], 0],
  [
    'a later step',
    [
      ['other', 'one'],
      ['flow', 'step'],
    ],
    1,
  ],
] as const)('an import takes over nothing where a user links %s at the same time', (_name, steps, imported) =>
  inDeployment(async (deployment) => {
    deployment.providers.accept(PROVIDER, 'moved');
    const flows = steps.map(([id, step]) => ({ id, name: id, steps: [step] }));
    let id = '';
    // The steps were found free before.
    const pace = async () => {
      id = await addConnection(deployment);
    };
    const ports = { ...deployment.faultless, pace, wait: () => Promise.resolve() };
    const error = await importConnection(importedOf('moved', { flows }), true, ports).catch(
      (e: unknown) => e,
    );
    expect(isRefusal(error, ['invalid_request'])).toBe(true);
    const state = await deployment.recover();
    expect(state.steps).toContainEqual({ flow: `${PROJECT}/flow`, stepId: 'step', connectionId: id });
    expect(state.connections).toHaveLength(1 + imported);
    expect(await deployment.invariantViolations(state)).toEqual([]);
  }),
);

test('a repeated import changes nothing that users changed since, and brings back nothing that they removed', () =>
  inDeployment(async (deployment) => {
    const imported = await withKey(deployment);
    const { connectionId } = await importWith(deployment.faultless, imported);
    await linkOf(connectionId, 'first', 'four').run(deployment.faultless);
    const [first] = imported.flows;
    const unlink = (flow: string, steps: readonly string[]) => removeSteps(deployment, flow, steps);
    await unlink('second', ['three']);
    expect(await importWith(deployment.faultless, imported)).toMatchObject({
      outcome: 'known',
      connectionId,
    });
    const { steps } = await deployment.state();
    expect(new Set(steps.map(({ stepId }) => stepId))).toEqual(new Set(['four', 'one', 'two']));
    await unlink('first', [...(first?.steps ?? []), 'four']);
    expect(await importWith(deployment.faultless, imported)).toMatchObject({
      outcome: 'disconnected',
      connectionId,
    });
    expect((await deployment.recover()).connections).toEqual([]);
  }));

async function removeSteps({ faultless }: SimulatedDeployment, flow: string, steps: readonly string[]) {
  for (const step of steps) await unlinkOf(flow, step).run(faultless);
}

test('a project that was deleted can be imported anew', () =>
  inDeployment(async (deployment) => {
    const imported = await withKey(deployment);
    const { connectionId } = await importWith(deployment.faultless, imported);
    await deleteProject(PROJECT, deployment.faultless);
    await endDeletion(deployment);
    const anew = await importWith(deployment.faultless, imported);
    expect(anew.outcome).toBe('imported');
    expect(anew.connectionId).not.toBe(connectionId);
  }));
