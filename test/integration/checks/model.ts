import type { ErrorCode } from '../../../shared/domain/errors.ts';

/** How a provider behaves: as it should, not at all, with a page in place of an answer, or allowing nothing. */
export type Mode = 'none' | 'down' | 'garbage' | 'forbidden';

/** A connection as the model has it. It goes by the name of who made it. */
export interface Modelled {
  readonly by: string;
  readonly provider: string;
  name: string;
  status: 'active' | 'inactive';
  reason: string | null;
  version: number;
  account: string;
  /** The name of the credentials that serve. */
  credentials: string;
  /** In ms since 1970. */
  expiresAt: number | null;
  /** When its end is announced next, or has come, in ms since 1970. */
  reminder: number | null;
  /** As `flow/step`; none once it is gone. */
  steps: string[];
  /** A line each, oldest first. */
  readonly history: string[];
}

/** What there should be: simple enough to be seen to be right. */
export interface Model {
  /** Also those that are gone. */
  readonly connections: Modelled[];
  /** The names of credentials that their provider knows. */
  readonly accepted: Set<string>;
  readonly modes: Map<string, Mode>;
  /** How many credentials were brought by now. */
  brought: number;
}

export const emptyModel = (): Model => ({
  connections: [],
  accepted: new Set(),
  modes: new Map(),
  brought: 0,
});

export const living = ({ connections }: Model) => connections.filter(({ steps }) => steps.length > 0);

const flowOf = (step: string) => step.split('/')[0];
export const flowsOf = ({ steps }: Modelled) => new Set(steps.map(flowOf)).size;

const DAY_MS = 24 * 60 * 60 * 1000;
const REMINDER_DAYS = [14, 7, 1, 0];

function reminderAfter(now: number, expiresAt: number | null): number | null {
  if (expiresAt === null) return null;
  return REMINDER_DAYS.map((days) => expiresAt - days * DAY_MS).find((at) => at > now) ?? null;
}

/** Whether it stands in the list of those that end soon. */
export function isExpiring({ status, expiresAt, reminder }: Modelled): boolean {
  return status === 'active' && expiresAt !== null && reminder !== expiresAt - 14 * DAY_MS;
}

/** Why the provider refuses credentials; null where it accepts them, undefined where it says nothing. */
function refusalOf(model: Model, provider: string, credentials: string): string | null | undefined {
  const mode = model.modes.get(provider) ?? 'none';
  if (mode === 'down' || mode === 'garbage') return undefined;
  if (!model.accepted.has(credentials)) return 'access_revoked';
  return mode === 'forbidden' ? 'access_changed' : null;
}

function holderOf(model: Model, step: string): Modelled | undefined {
  return model.connections.find(({ steps }) => steps.includes(step));
}

function release(connection: Modelled, step: string): void {
  const before = flowsOf(connection);
  connection.steps = connection.steps.filter((current) => current !== step);
  connection.history.push(`unlinked ${step} by user`);
  if (connection.steps.length === 0) connection.history.push('disconnected by user');
  else if (flowsOf(connection) < before) connection.version += 1;
}

function scheduledFor(
  connection: Modelled,
  status: Modelled['status'],
  reason: string | null,
  by: string,
): void {
  const why = reason ? ` for ${reason}` : '';
  connection.history.push(
    `status_changed ${connection.status} > ${status}${why} in ${flowsOf(connection)} flows by ${by}`,
  );
  connection.status = status;
  connection.reason = reason;
}

/** What each operation makes of a model; the code of its refusal, where it is refused. */
export type Change = (model: Model, now: number) => ErrorCode | null;

/** Credentials that somebody brings, and when they end. */
export interface Brought {
  readonly by: string;
  readonly account: string;
  readonly expiresAt: number | null;
}

export const connect =
  (provider: string, step: string, { by, account, expiresAt }: Brought): Change =>
  (model, now) => {
    const refusal = refusalOf(model, provider, by);
    if (refusal === undefined) return 'provider_unavailable';
    if (refusal) return 'credentials_rejected';
    const current = holderOf(model, step);
    if (current) release(current, step);
    model.connections.push({
      by,
      provider,
      name: by,
      status: 'active',
      reason: null,
      version: 1,
      account,
      credentials: by,
      expiresAt,
      reminder: reminderAfter(now, expiresAt),
      steps: [step],
      history: ['created by user', `linked ${step} by user`],
    });
    return null;
  };

/** Applies what follows to the connection that goes by a name. */
const on =
  (by: string, change: (connection: Modelled, model: Model, now: number) => ErrorCode | null): Change =>
  (model, now) => {
    const connection = model.connections.find((one) => one.by === by);
    if (!connection) throw new Error(`The model has no connection of ${by}.`);
    return change(connection, model, now);
  };

export const link = (by: string, step: string): Change =>
  on(by, (connection, model) => {
    const current = holderOf(model, step);
    if (current === connection) return null;
    if (current) release(current, step);
    const before = flowsOf(connection);
    connection.steps.push(step);
    connection.history.push(`linked ${step} by user`);
    if (flowsOf(connection) > before) connection.version += 1;
    return null;
  });

export const unlink =
  (step: string): Change =>
  (model) => {
    const current = holderOf(model, step);
    if (!current) return 'integration_not_found';
    release(current, step);
    return null;
  };

export const rename = (by: string, name: string): Change =>
  on(by, (connection) => {
    if (connection.name === name) return null;
    connection.history.push(`renamed ${connection.name} > ${name} by user`);
    connection.name = name;
    connection.version += 1;
    return null;
  });

export const reconnect = (by: string, brought: Brought, allowAccountChange: boolean): Change =>
  on(by, (connection, model, now) => {
    const failed = (reason: string, code: ErrorCode) => {
      connection.history.push(`reconnect_failed for ${reason} by user`);
      return code;
    };
    const refusal = refusalOf(model, connection.provider, brought.by);
    if (refusal === undefined) return failed('provider_unavailable', 'provider_unavailable');
    if (refusal) return failed(refusal, 'credentials_rejected');
    const moves = brought.account !== connection.account;
    if (moves && !allowAccountChange) return failed('account_mismatch', 'account_mismatch');
    if (connection.status === 'inactive') scheduledFor(connection, 'active', null, 'user');
    connection.history.push(
      `reconnected${moves ? ` ${connection.account} > ${brought.account}` : ''} by user`,
    );
    connection.version += 1;
    connection.account = brought.account;
    connection.credentials = brought.by;
    connection.expiresAt = brought.expiresAt;
    connection.reminder = reminderAfter(now, brought.expiresAt);
    return null;
  });

/** What remains of a reconnect that a crash cut short. */
export const interruptReconnect = (by: string): Change =>
  on(by, ({ history }) => {
    history.push('reconnect_failed for interrupted by system');
    return null;
  });

/** A check that the schedule, an engine's report or a person brought about. */
export const check = (by: string, actor: 'user' | 'system'): Change =>
  on(by, (connection, model, now) => {
    const refusal = refusalOf(model, connection.provider, connection.credentials);
    if (refusal === undefined) return null;
    if (refusal) {
      const isOver = connection.expiresAt !== null && connection.expiresAt <= now;
      const reason = isOver && refusal === 'access_revoked' ? 'credentials_expired' : refusal;
      if (reason === connection.reason) return null;
      scheduledFor(connection, 'inactive', reason, actor);
      connection.version += 1;
      return null;
    }
    // What works has not ended.
    const isWrong = connection.expiresAt !== null && connection.expiresAt <= now;
    if (isWrong) connection.expiresAt = connection.reminder = null;
    if (connection.status === 'inactive') scheduledFor(connection, 'active', null, actor);
    else if (!isWrong) return null;
    connection.version += 1;
    return null;
  });

/** A turn of the schedule: everything is checked. */
export const checkAll: Change = (model, now) => {
  for (const { by } of living(model)) check(by, 'system')(model, now);
  return null;
};

/** Ends that are near are announced; what has ended is inactive. */
export const announceAll: Change = (model, now) => {
  for (const connection of living(model)) {
    const { expiresAt, reminder, status } = connection;
    if (expiresAt === null || reminder === null || reminder > now) continue;
    connection.reminder = reminderAfter(now, expiresAt);
    if (status === 'inactive') continue;
    if (expiresAt > now) {
      connection.history.push(`expiring in ${flowsOf(connection)} flows by system`);
    } else {
      scheduledFor(connection, 'inactive', 'credentials_expired', 'system');
      connection.version += 1;
    }
  }
  return null;
};
