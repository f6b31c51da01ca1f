import type { ErrorCode } from '../../../shared/domain/errors.ts';

/** Behavior of a provider: as documented, not at all, with a page instead of a response, or refusing every request. */
export type ProviderMode = 'none' | 'down' | 'garbage' | 'forbidden';

/** A connection in the model, identified by the name of the user who created it. */
export interface ModelConnection {
  readonly createdBy: string;
  readonly provider: string;
  name: string;
  status: 'active' | 'inactive';
  reason: string | null;
  version: number;
  account: string;
  /** Name of the credentials that serve. */
  credentials: string;
  /** In ms since 1970. */
  expiresAt: number | null;
  /** Time of the next expiry reminder, in ms since 1970. */
  reminder: number | null;
  /** As `flow/step`; empty once it is disconnected. */
  steps: string[];
  /** One line per entry, oldest first. */
  readonly history: string[];
}

/** The expected state, in rules that are simple enough to be seen to be right. */
export interface Model {
  /** Including disconnected ones. */
  readonly connections: ModelConnection[];
  /** Names of the credentials that their provider knows. */
  readonly accepted: Set<string>;
  readonly providerModes: Map<string, ProviderMode>;
  /** Number of credentials that users entered so far. */
  enteredCount: number;
}

export const emptyModel = (): Model => ({
  connections: [],
  accepted: new Set(),
  providerModes: new Map(),
  enteredCount: 0,
});

export const existing = ({ connections }: Model) => connections.filter(({ steps }) => steps.length > 0);

const flowOf = (step: string) => step.split('/')[0];
export const flowCountOf = ({ steps }: ModelConnection) => new Set(steps.map(flowOf)).size;

const DAY_MS = 24 * 60 * 60 * 1000;
const REMINDER_DAYS = [14, 7, 1, 0];

function reminderAfter(now: number, expiresAt: number | null): number | null {
  if (expiresAt === null) return null;
  return REMINDER_DAYS.map((days) => expiresAt - days * DAY_MS).find((at) => at > now) ?? null;
}

/** Returns true if the list of expiring connections shows it. */
export function isExpiring({ status, expiresAt, reminder }: ModelConnection): boolean {
  return status === 'active' && expiresAt !== null && reminder !== expiresAt - 14 * DAY_MS;
}

/** Returns why the provider rejects credentials; null if it accepts them, undefined if it gives no verdict. */
function rejectionOf(model: Model, provider: string, credentials: string): string | null | undefined {
  const mode = model.providerModes.get(provider) ?? 'none';
  if (mode === 'down' || mode === 'garbage') return undefined;
  if (!model.accepted.has(credentials)) return 'access_revoked';
  return mode === 'forbidden' ? 'access_changed' : null;
}

function connectionOf(model: Model, step: string): ModelConnection | undefined {
  return model.connections.find(({ steps }) => steps.includes(step));
}

function removeStep(connection: ModelConnection, step: string): void {
  const before = flowCountOf(connection);
  connection.steps = connection.steps.filter((current) => current !== step);
  connection.history.push(`unlinked ${step} by user`);
  if (connection.steps.length === 0) connection.history.push('disconnected by user');
  else if (flowCountOf(connection) < before) connection.version += 1;
}

function setStatus(
  connection: ModelConnection,
  status: ModelConnection['status'],
  reason: string | null,
  actor: string,
): void {
  const suffix = reason ? ` for ${reason}` : '';
  connection.history.push(
    `status_changed ${connection.status} > ${status}${suffix} in ${flowCountOf(connection)} flows by ${actor}`,
  );
  connection.status = status;
  connection.reason = reason;
}

/** Applies an operation to a model, and returns the code of its refusal; null for a success. */
export type Change = (model: Model, now: number) => ErrorCode | null;

/** Credentials that a user enters, and their expiry. */
export interface EnteredCredentials {
  readonly user: string;
  readonly account: string;
  readonly expiresAt: number | null;
}

export const create =
  (provider: string, step: string, { user, account, expiresAt }: EnteredCredentials): Change =>
  (model, now) => {
    const rejection = rejectionOf(model, provider, user);
    if (rejection === undefined) return 'provider_unavailable';
    if (rejection) return 'credentials_rejected';
    const current = connectionOf(model, step);
    if (current) removeStep(current, step);
    model.connections.push({
      createdBy: user,
      provider,
      name: user,
      status: 'active',
      reason: null,
      version: 1,
      account,
      credentials: user,
      expiresAt,
      reminder: reminderAfter(now, expiresAt),
      steps: [step],
      history: ['created by user', `linked ${step} by user`],
    });
    return null;
  };

/** Applies a change to the connection of a user. */
const changeOf =
  (
    createdBy: string,
    change: (connection: ModelConnection, model: Model, now: number) => ErrorCode | null,
  ): Change =>
  (model, now) => {
    const connection = model.connections.find((candidate) => candidate.createdBy === createdBy);
    if (!connection) throw new Error(`The model has no connection of ${createdBy}.`);
    return change(connection, model, now);
  };

export const link = (createdBy: string, step: string): Change =>
  changeOf(createdBy, (connection, model) => {
    const current = connectionOf(model, step);
    if (current === connection) return null;
    if (current) removeStep(current, step);
    const before = flowCountOf(connection);
    connection.steps.push(step);
    connection.history.push(`linked ${step} by user`);
    if (flowCountOf(connection) > before) connection.version += 1;
    return null;
  });

export const unlink =
  (step: string): Change =>
  (model) => {
    const current = connectionOf(model, step);
    if (!current) return 'integration_not_found';
    removeStep(current, step);
    return null;
  };

export const rename = (createdBy: string, name: string): Change =>
  changeOf(createdBy, (connection) => {
    if (connection.name === name) return null;
    connection.history.push(`renamed ${connection.name} > ${name} by user`);
    connection.name = name;
    connection.version += 1;
    return null;
  });

export const reconnect = (
  createdBy: string,
  entered: EnteredCredentials,
  allowAccountChange: boolean,
): Change =>
  changeOf(createdBy, (connection, model, now) => {
    const fail = (reason: string, code: ErrorCode) => {
      connection.history.push(`reconnect_failed for ${reason} by user`);
      return code;
    };
    const rejection = rejectionOf(model, connection.provider, entered.user);
    if (rejection === undefined) return fail('provider_unavailable', 'provider_unavailable');
    if (rejection) return fail(rejection, 'credentials_rejected');
    const isNewAccount = entered.account !== connection.account;
    if (isNewAccount && !allowAccountChange) return fail('account_mismatch', 'account_mismatch');
    if (connection.status === 'inactive') setStatus(connection, 'active', null, 'user');
    connection.history.push(
      `reconnected${isNewAccount ? ` ${connection.account} > ${entered.account}` : ''} by user`,
    );
    connection.version += 1;
    connection.account = entered.account;
    connection.credentials = entered.user;
    connection.expiresAt = entered.expiresAt;
    connection.reminder = reminderAfter(now, entered.expiresAt);
    return null;
  });

/** Remains of a reconnect that crashed after it acquired the lease and before its commit. */
export const interruptReconnect = (createdBy: string): Change =>
  changeOf(createdBy, ({ history }) => {
    history.push('reconnect_failed for interrupted by system');
    return null;
  });

/** A check that the schedule, an engine's report or a user asked for. */
export const check = (createdBy: string, actor: 'user' | 'system'): Change =>
  changeOf(createdBy, (connection, model, now) => {
    const rejection = rejectionOf(model, connection.provider, connection.credentials);
    if (rejection === undefined) return null;
    const isPastExpiry = connection.expiresAt !== null && connection.expiresAt <= now;
    if (rejection) {
      const reason = isPastExpiry && rejection === 'access_revoked' ? 'credentials_expired' : rejection;
      if (reason === connection.reason) return null;
      setStatus(connection, 'inactive', reason, actor);
      connection.version += 1;
      return null;
    }
    // Credentials that work have not expired.
    if (isPastExpiry) connection.expiresAt = connection.reminder = null;
    if (connection.status === 'inactive') setStatus(connection, 'active', null, actor);
    else if (!isPastExpiry) return null;
    connection.version += 1;
    return null;
  });

/** A period of the schedule, in which every connection is checked. */
export const checkAll: Change = (model, now) => {
  for (const { createdBy } of existing(model)) check(createdBy, 'system')(model, now);
  return null;
};

/** Announces each due reminder, and deactivates what expired. */
export const announceAll: Change = (model, now) => {
  for (const connection of existing(model)) {
    const { expiresAt, reminder, status } = connection;
    if (expiresAt === null || reminder === null || reminder > now) continue;
    connection.reminder = reminderAfter(now, expiresAt);
    if (status === 'inactive') continue;
    if (expiresAt > now) {
      connection.history.push(`expiring in ${flowCountOf(connection)} flows by system`);
    } else {
      setStatus(connection, 'inactive', 'credentials_expired', 'system');
      connection.version += 1;
    }
  }
  return null;
};
