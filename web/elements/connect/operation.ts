import { type Connection, ProblemError, type Provider } from '../../client/index.ts';
import type { ProjectApi, Step } from '../api.ts';
import type { Locale } from '../locale.ts';
import { fieldErrors, hasCode, missingScopes, problemText } from '../problem-text.ts';
import {
  type AuthorizationPurpose,
  type AuthorizationResult,
  leaveForProvider,
  openPopup,
  returnAddress,
  waitForPopup,
} from './authorization.ts';
import { filledValues, validateCredentials } from './credentials-form.ts';

/** Purpose of an operation. */
export type Purpose =
  | { readonly kind: 'reconnect'; readonly connection: Connection }
  | { readonly kind: 'connect'; readonly step: Step };

/** Phase of an operation. */
export type Phase =
  | { readonly at: 'loading' }
  | { readonly at: 'form' }
  | { readonly at: 'verifying' }
  | { readonly at: 'consent'; readonly isClosed: boolean }
  | { readonly at: 'mismatch'; readonly current: string; readonly candidate: string };

/** Refusal or error that the last attempt met. */
export interface Failure {
  readonly text: string;
  readonly scopes: readonly string[];
}

/** State of an operation: everything about it that is shown. */
export interface OperationState {
  readonly purpose?: Purpose | undefined;
  readonly provider?: Provider | undefined;
  readonly phase: Phase;
  readonly failure?: Failure | undefined;
  /** Message of each field whose value is wrong, by the field's name. */
  readonly errors: Readonly<Record<string, string>>;
}

export const LOADING: OperationState = { phase: { at: 'loading' }, errors: {} };

/** Input of the user. */
export interface Input {
  readonly values: Readonly<Record<string, string>>;
  /** Name of the new connection; empty: the API derives one. */
  readonly name: string;
  readonly allowAccountChange: boolean;
}

/** Listener of an operation. */
export interface OperationListener {
  readonly locale: () => Locale;
  readonly onChange: (state: OperationState) => void;
  /** Called when the user has to look at the form: it is ready, or something about it was refused. */
  readonly onForm: () => void;
  /** Called for the connection that was made or reconnected, even where the operation was cancelled meanwhile. */
  readonly onConnected: (purpose: Purpose, connection: Connection) => void;
  /** Called after that, unless the operation was cancelled. */
  readonly onEnd: () => void;
}

/**
 * Making one connection or reconnecting one: by the fields that the provider needs, or by its consent page. A refusal
 * leads back to the form; the connection and its former credentials stay as they are then.
 */
export class ConnectOperation {
  readonly #api: ProjectApi;
  readonly #listener: OperationListener;
  readonly #cancelling = new AbortController();
  #state: OperationState = LOADING;
  #popup: Window | null = null;

  constructor(api: ProjectApi, listener: OperationListener) {
    this.#api = api;
    this.#listener = listener;
  }

  /** Loads the provider, then shows the form. */
  start(purpose: Purpose, providerId: string): Promise<void> {
    this.#change({ purpose });
    return this.#attempt(async () => {
      this.#change({ provider: await this.#api.provider(providerId), phase: { at: 'form' } });
      if (!this.#isCancelled) this.#listener.onForm();
    });
  }

  /** Goes on after the page left for the provider and came back. */
  resume(returned: AuthorizationPurpose, result: AuthorizationResult): Promise<void> {
    return this.#attempt(async () => {
      const purpose = await this.#purposeOf(returned);
      const providerId = returned.kind === 'connect' ? returned.provider : providerOf(purpose);
      this.#change({ purpose, ...(providerId && { provider: await this.#api.provider(providerId) }) });
      await this.#complete(purpose, result);
    });
  }

  /** Verifies what the user has entered, or asks for consent; does nothing while that is under way. */
  async submit(input: Input): Promise<void> {
    const { provider, purpose, phase } = this.#state;
    if (!provider || !purpose || phase.at === 'verifying' || phase.at === 'loading') return;
    const errors = validateCredentials(provider, input.values, this.#listener.locale());
    this.#change({ errors, failure: undefined });
    if (Object.keys(errors).length > 0) {
      this.#listener.onForm();
      return;
    }
    const verify = provider.auth.type === 'oauth2' ? this.#authorize : this.#verify;
    await this.#attempt(() => verify.call(this, provider, purpose, input));
  }

  /** Takes back the message about a field, whose value changes. */
  clearError(name: string): void {
    if (!this.#state.errors[name]) return;
    const others = Object.entries(this.#state.errors).filter(([key]) => key !== name);
    this.#change({ errors: Object.fromEntries(others) });
  }

  /** Ends the operation; a request under way may still succeed. */
  cancel(): void {
    this.#cancelling.abort();
    this.#popup?.close();
  }

  get #isCancelled(): boolean {
    return this.#cancelling.signal.aborted;
  }

  #change(change: Partial<OperationState>): void {
    if (this.#isCancelled) return;
    this.#state = { ...this.#state, ...change };
    this.#listener.onChange(this.#state);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#isCancelled) this.#fail(error);
    }
  }

  async #verify(provider: Provider, purpose: Purpose, input: Input): Promise<void> {
    this.#change({ phase: { at: 'verifying' } });
    const credentials = filledValues(provider, input.values);
    const connection =
      purpose.kind === 'reconnect'
        ? await this.#api.reconnect(purpose.connection.id, { credentials, ...accountChange(input) })
        : await this.#api.configure(purpose.step, { provider: provider.id, credentials, ...nameIn(input) });
    this.#finish(purpose, connection);
  }

  async #authorize(provider: Provider, purpose: Purpose, input: Input): Promise<void> {
    // At once, while the browser still takes it for the answer to the click.
    this.#popup?.close();
    const popup = openPopup();
    this.#popup = popup;
    this.#change({ phase: { at: 'verifying' } });
    const fields = filledValues(provider, input.values);
    const body = { returnTo: returnAddress(), ...(Object.keys(fields).length > 0 && { fields }) };
    const { authorizationId, authorizationUrl } =
      purpose.kind === 'reconnect'
        ? await this.#api.authorizeConnection(purpose.connection.id, { ...body, ...accountChange(input) })
        : await this.#api.authorizeIntegration(purpose.step, {
            ...body,
            provider: provider.id,
            ...nameIn(input),
          });
    if (this.#isCancelled) return;
    if (!popup) {
      const { projectId } = this.#api;
      leaveForProvider(authorizationUrl, { projectId, authorizationId, purpose: stored(purpose, provider) });
      return;
    }
    popup.location.replace(authorizationUrl);
    this.#change({ phase: { at: 'consent', isClosed: false } });
    const onClosed = () => {
      if (this.#state.phase.at === 'consent' && this.#popup === popup)
        this.#change({ phase: { at: 'consent', isClosed: true } });
    };
    const result = await waitForPopup(popup, authorizationId, onClosed, this.#cancelling.signal);
    if (result) await this.#complete(purpose, result);
  }

  async #complete(purpose: Purpose, result: AuthorizationResult): Promise<void> {
    if ('error' in result) {
      const { problems } = this.#listener.locale().text;
      const isDenied = result.error === 'authorization_denied';
      const text = isDenied ? problems.authorization_denied : problems.provider_error;
      this.#change({
        failure: { text: text(this.#state.provider?.name ?? ''), scopes: [] },
        phase: { at: 'form' },
      });
      return;
    }
    this.#change({ phase: { at: 'verifying' } });
    const { authorizationId, completion } = result;
    this.#finish(purpose, await this.#api.completeAuthorization(authorizationId, completion));
  }

  #finish(purpose: Purpose, connection: Connection): void {
    this.#listener.onConnected(purpose, connection);
    if (!this.#isCancelled) this.#listener.onEnd();
  }

  #fail(error: unknown): void {
    this.#popup?.close();
    const { purpose, provider } = this.#state;
    if (
      purpose?.kind === 'reconnect' &&
      hasCode(error, 'account_mismatch') &&
      error instanceof ProblemError
    ) {
      const { current = '', candidate = '' } = error.problem?.accounts ?? {};
      this.#change({ phase: { at: 'mismatch', current, candidate } });
      return;
    }
    this.#change({
      errors: { ...fieldErrors(error, 'credentials.'), ...fieldErrors(error, 'fields.') },
      failure: {
        text: problemText(error, this.#listener.locale().text, provider?.name),
        scopes: missingScopes(error),
      },
      phase: { at: 'form' },
    });
    this.#listener.onForm();
  }

  async #purposeOf(returned: AuthorizationPurpose): Promise<Purpose> {
    if (returned.kind === 'reconnect')
      return { kind: 'reconnect', connection: await this.#api.connection(returned.connectionId) };
    const { flowId, stepId } = returned;
    return { kind: 'connect', step: { flowId, stepId } };
  }
}

function providerOf(purpose: Purpose): string | undefined {
  return purpose.kind === 'reconnect' ? purpose.connection.provider.id : undefined;
}

function accountChange({ allowAccountChange }: Input): { allowAccountChange?: true } {
  return allowAccountChange ? { allowAccountChange } : {};
}

function nameIn({ name }: Input): { name?: string } {
  const trimmed = name.trim();
  return trimmed === '' ? {} : { name: trimmed };
}

function stored(purpose: Purpose, { id }: Provider): AuthorizationPurpose {
  return purpose.kind === 'reconnect'
    ? { kind: 'reconnect', connectionId: purpose.connection.id }
    : { kind: 'connect', ...purpose.step, provider: id };
}
