import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import { type Connection, ProblemError, type Provider } from '../../client/index.ts';
import { NAME_LIMIT, type ProjectApi, type Step } from '../api.ts';
import { ConnectionsElement } from '../element.ts';
import { icon } from '../icons.ts';
import { providerIcon } from '../parts.ts';
import { fieldErrors, hasCode, missingScopes, problemText } from '../problem-text.ts';
import { states } from '../states.ts';
import {
  type AuthorizationPurpose,
  type AuthorizationResult,
  leaveForProvider,
  openPopup,
  returnAddress,
  takeResult,
  waitForPopup,
} from './authorization.ts';
import { filledValues, renderCredentials, validateCredentials } from './credentials-form.ts';
import '../components.ts';
import styles from './dialog.css?inline';

/** Purpose of the open dialog. */
type Purpose =
  | { readonly kind: 'reconnect'; readonly connection: Connection }
  | { readonly kind: 'connect'; readonly step: Step };

/** Phase of the operation. */
type Phase =
  | { readonly at: 'loading' }
  | { readonly at: 'form' }
  | { readonly at: 'verifying' }
  | { readonly at: 'consent'; readonly isClosed: boolean }
  | { readonly at: 'mismatch'; readonly current: string; readonly candidate: string };

interface Failure {
  readonly text: string;
  readonly scopes: readonly string[];
}

/**
 * Makes a connection for a flow's step, or reconnects one: by the fields that the provider needs, or by its consent
 * page. The form stays as it is when the provider refuses, and so do the connection and its former credentials.
 *
 * @fires connected - with the new connection
 * @fires reconnected - with the connection
 * @fires dialogclosed - when the dialog has closed, whatever came of it
 */
export class ConnectDialog extends ConnectionsElement {
  static override properties: PropertyDeclarations = states(
    'purpose',
    'provider',
    'phase',
    'failure',
    'values',
    'errors',
    'draftName',
    'isOpen',
  );
  static override styles = [...ConnectionsElement.styles, unsafeCSS(styles)];

  declare private purpose: Purpose | undefined;
  declare private provider: Provider | undefined;
  declare private phase: Phase;
  declare private failure: Failure | undefined;
  declare private values: Readonly<Record<string, string>>;
  declare private errors: Readonly<Record<string, string>>;
  declare private draftName: string;
  private isOpen = false;
  /** Ends the operation of one opening of the dialog. */
  #closing = new AbortController();
  #popup: Window | null = null;

  constructor() {
    super();
    this.#reset();
  }

  /** Opens the dialog for a connection. */
  reconnect(connection: Connection): Promise<void> {
    return this.#open({ kind: 'reconnect', connection }, connection.provider.id);
  }

  /** Opens the dialog for a step that is to have a new connection. */
  connect(provider: string, step: Step): Promise<void> {
    return this.#open({ kind: 'connect', step }, provider);
  }

  protected override refresh(): void {
    // A form that somebody fills in stays as it is.
  }

  protected override updated(): void {
    const returned = this.api && takeResult(this.projectId);
    if (this.api && returned) void this.#resume(this.api, returned.purpose, returned.result);
  }

  protected override render(): TemplateResult {
    const { locale, phase, provider } = this;
    return html`<wa-dialog
      label=${this.#title}
      lang=${locale.language}
      ?open=${this.isOpen}
      @wa-after-show=${this.#focusFirst}
      @wa-after-hide=${this.#onHidden}
    >
      <form id="form" novalidate @submit=${this.#onSubmit}>
        ${provider ? this.#renderService(provider) : nothing}
        ${this.failure ? this.#renderFailed(this.failure) : nothing}
        ${
          phase.at === 'loading'
            ? this.#renderProgress(locale.text.loading)
            : phase.at === 'mismatch'
              ? this.#renderMismatch(phase)
              : this.#renderBody()
        }
      </form>
      <div slot="footer" class="footer">${this.#renderActions()}</div>
    </wa-dialog>`;
  }

  get #title(): string {
    const { text } = this.locale;
    if (this.phase.at === 'mismatch') return text.mismatchTitle;
    if (this.purpose?.kind === 'reconnect') return text.reconnectTitle(this.purpose.connection.name);
    return text.connectTitle(this.provider?.name ?? '');
  }

  #renderService(provider: Provider): TemplateResult {
    const account = this.purpose?.kind === 'reconnect' ? this.purpose.connection.account : null;
    return html`<div class="service">
      ${providerIcon(provider.iconUrl)}
      <div class="names">
        <strong>${provider.name}</strong>
        ${account ? html`<span class="quiet">${this.locale.text.account}: ${account.label}</span>` : nothing}
      </div>
    </div>`;
  }

  #renderFailed({ text, scopes }: Failure): TemplateResult {
    const isReconnect = this.purpose?.kind === 'reconnect';
    return html`<div class="message danger" role="alert">
      ${icon('warning')}
      <div class="text">
        ${text} ${isReconnect ? this.locale.text.oldStand : nothing}
        ${scopes.length > 0 ? html`<ul class="scopes">${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>` : nothing}
      </div>
    </div>`;
  }

  #renderMismatch({ current, candidate }: Extract<Phase, { at: 'mismatch' }>): TemplateResult {
    return html`<p role="alert">${this.locale.text.mismatch(current, candidate, this.provider?.name ?? '')}</p>`;
  }

  #renderBody(): TemplateResult | typeof nothing {
    const { provider, locale, phase } = this;
    const { text } = locale;
    if (!provider) return nothing;
    const isDisabled = phase.at !== 'form';
    const isConsent = provider.auth.type === 'oauth2';
    return html`
      ${renderCredentials({
        provider,
        locale,
        isDisabled,
        values: this.values,
        errors: this.errors,
        onInput: (name, value) => {
          this.values = { ...this.values, [name]: value };
          if (this.errors[name])
            this.errors = Object.fromEntries(Object.entries(this.errors).filter(([key]) => key !== name));
        },
      })}
      ${this.purpose?.kind === 'connect' ? this.#renderName(isDisabled) : nothing}
      ${isConsent && phase.at === 'form' ? html`<p class="quiet">${text.consentText(provider.name)}</p>` : nothing}
      ${phase.at === 'verifying' ? this.#renderProgress(text.verifying(provider.name)) : nothing}
      ${
        phase.at === 'consent'
          ? this.#renderProgress(
              phase.isClosed ? text.consentClosed : text.consentWaiting(provider.name),
              !phase.isClosed,
            )
          : nothing
      }
    `;
  }

  #renderName(isDisabled: boolean): TemplateResult {
    return html`<wa-input
      label=${this.locale.text.connectionName}
      maxlength=${NAME_LIMIT}
      autocomplete="off"
      ?disabled=${isDisabled}
      .value=${this.draftName}
      @input=${(event: Event & { readonly currentTarget: { value?: string } }) => {
        this.draftName = event.currentTarget.value ?? '';
      }}
    ></wa-input>`;
  }

  #renderProgress(text: string, isBusy = true): TemplateResult {
    return html`<div class="progress" role="status">
      ${isBusy ? html`<wa-spinner lang=${this.locale.language}></wa-spinner>` : nothing}<span>${text}</span>
    </div>`;
  }

  #renderActions(): TemplateResult {
    const { text } = this.locale;
    const { phase, provider } = this;
    const back = html`<wa-button appearance="outlined" @click=${() => this.#close()}>${text.goBack}</wa-button>`;
    if (phase.at === 'mismatch') {
      return html`${back}<wa-button variant="brand" @click=${() => this.#submit(true)}>
        ${text.confirmAccount(phase.candidate)}
      </wa-button>`;
    }
    if (phase.at === 'consent') {
      return html`<wa-button appearance="outlined" @click=${() => this.#close()}>${text.cancel}</wa-button>
        <wa-button
          variant=${phase.isClosed ? 'brand' : 'neutral'}
          appearance=${phase.isClosed ? 'accent' : 'outlined'}
          @click=${() => this.#submit(false)}
        >${text.openAgain}</wa-button>`;
    }
    const label =
      provider?.auth.type === 'oauth2'
        ? text.continueWith(provider.name)
        : this.purpose?.kind === 'connect'
          ? text.connect
          : text.save;
    return html`${back}<wa-button
      variant="brand"
      type="submit"
      form="form"
      ?loading=${phase.at === 'verifying'}
      ?disabled=${phase.at === 'loading' || !provider}
    >${label}</wa-button>`;
  }

  async #open(purpose: Purpose, providerId: string): Promise<void> {
    // It goes on with what the page came back with from a provider, though the address asks for the dialog as well.
    if (this.isOpen) return;
    this.#reset();
    this.purpose = purpose;
    this.isOpen = true;
    const { api } = this;
    if (!api) return;
    const { signal } = this.#closing;
    try {
      const provider = await api.provider(providerId);
      if (signal.aborted) return;
      this.provider = provider;
      this.phase = { at: 'form' };
      await this.updateComplete;
      this.#focusFirst();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** Goes on after the page left for the provider and came back. */
  async #resume(api: ProjectApi, returned: AuthorizationPurpose, result: AuthorizationResult): Promise<void> {
    this.#reset();
    this.isOpen = true;
    const { signal } = this.#closing;
    try {
      const connection =
        returned.kind === 'reconnect' ? await api.connection(returned.connectionId) : undefined;
      this.purpose = connection ? { kind: 'reconnect', connection } : stepOf(returned);
      const providerId = returned.kind === 'connect' ? returned.provider : connection?.provider.id;
      if (providerId) this.provider = await api.provider(providerId);
      await this.#complete(api, result, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #onSubmit = (event: Event) => {
    event.preventDefault();
    void this.#submit(false);
  };

  async #submit(allowAccountChange: boolean): Promise<void> {
    const { api, provider, purpose } = this;
    if (!api || !provider || !purpose || this.phase.at === 'verifying' || this.phase.at === 'loading') return;
    this.errors = validateCredentials(provider, this.values, this.locale);
    this.failure = undefined;
    if (Object.keys(this.errors).length > 0) {
      await this.updateComplete;
      this.#focusFirst();
      return;
    }
    const { signal } = this.#closing;
    try {
      if (provider.auth.type === 'oauth2') await this.#authorize(api, provider, purpose, allowAccountChange);
      else await this.#verify(api, provider, purpose, allowAccountChange);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  async #verify(
    api: ProjectApi,
    provider: Provider,
    purpose: Purpose,
    allowAccountChange: boolean,
  ): Promise<void> {
    this.phase = { at: 'verifying' };
    const { signal } = this.#closing;
    const credentials = filledValues(provider, this.values);
    const connection =
      purpose.kind === 'reconnect'
        ? await api.reconnect(purpose.connection.id, {
            credentials,
            ...(allowAccountChange && { allowAccountChange }),
          })
        : await api.configure(purpose.step, { provider: provider.id, credentials, ...this.#name });
    this.#finish(purpose, connection, signal);
  }

  async #authorize(
    api: ProjectApi,
    provider: Provider,
    purpose: Purpose,
    allowAccountChange: boolean,
  ): Promise<void> {
    // At once, while the browser still takes it for the answer to the click.
    this.#popup?.close();
    const popup = openPopup();
    this.#popup = popup;
    this.phase = { at: 'verifying' };
    const fields = filledValues(provider, this.values);
    const body = { returnTo: returnAddress(), ...(Object.keys(fields).length > 0 && { fields }) };
    const { signal } = this.#closing;
    const started =
      purpose.kind === 'reconnect'
        ? await api.authorizeConnection(purpose.connection.id, {
            ...body,
            ...(allowAccountChange && { allowAccountChange }),
          })
        : await api.authorizeIntegration(purpose.step, { ...body, provider: provider.id, ...this.#name });
    if (signal.aborted) return;
    const { authorizationId, authorizationUrl } = started;
    if (!popup) {
      leaveForProvider(authorizationUrl, {
        projectId: api.projectId,
        authorizationId,
        purpose: storable(purpose, provider),
      });
      return;
    }
    popup.location.replace(authorizationUrl);
    this.phase = { at: 'consent', isClosed: false };
    const onClosed = () => {
      if (this.phase.at === 'consent' && this.#popup === popup)
        this.phase = { at: 'consent', isClosed: true };
    };
    const result = await waitForPopup(popup, authorizationId, onClosed, signal);
    if (result) await this.#complete(api, result, signal);
  }

  async #complete(api: ProjectApi, result: AuthorizationResult, signal: AbortSignal): Promise<void> {
    const { purpose } = this;
    if ('error' in result) {
      const { problems } = this.locale.text;
      const name = this.provider?.name ?? '';
      const text =
        result.error === 'authorization_denied' ? problems.authorization_denied : problems.provider_error;
      this.failure = { text: text(name), scopes: [] };
      this.phase = { at: 'form' };
      return;
    }
    this.phase = { at: 'verifying' };
    const connection = await api.completeAuthorization(result.authorizationId, result.completion);
    if (purpose) this.#finish(purpose, connection, signal);
  }

  /** The host learns of the connection even where the dialog was closed meanwhile. */
  #finish(purpose: Purpose, connection: Connection, signal: AbortSignal): void {
    this.send(purpose.kind === 'reconnect' ? 'reconnected' : 'connected', connection);
    if (!signal.aborted) this.#close();
  }

  #fail(error: unknown): void {
    this.#popup?.close();
    if (
      this.purpose?.kind === 'reconnect' &&
      hasCode(error, 'account_mismatch') &&
      error instanceof ProblemError
    ) {
      const { current = '', candidate = '' } = error.problem?.accounts ?? {};
      this.phase = { at: 'mismatch', current, candidate };
      return;
    }
    this.errors = { ...fieldErrors(error, 'credentials.'), ...fieldErrors(error, 'fields.') };
    this.failure = {
      text: problemText(error, this.locale.text, this.provider?.name),
      scopes: missingScopes(error),
    };
    this.phase = { at: 'form' };
    void this.updateComplete.then(this.#focusFirst);
  }

  get #name(): { name?: string } {
    const name = this.draftName.trim();
    return name === '' ? {} : { name };
  }

  /** Focuses the first field that is wrong, or the first one. */
  #focusFirst = () => {
    const inputs = [...this.renderRoot.querySelectorAll('wa-input')];
    const wrong = inputs.find(({ name }) => name && this.errors[name]);
    (wrong ?? inputs[0])?.focus();
  };

  #onHidden = () => {
    this.#close();
    this.#reset();
    this.send('dialogclosed', undefined);
  };

  #close(): void {
    this.#closing.abort();
    this.#popup?.close();
    this.isOpen = false;
  }

  /** Forgets what was typed in. */
  #reset(): void {
    this.#closing?.abort();
    this.#closing = new AbortController();
    this.purpose = undefined;
    this.provider = undefined;
    this.phase = { at: 'loading' };
    this.failure = undefined;
    this.values = {};
    this.errors = {};
    this.draftName = '';
  }
}

function stepOf(returned: AuthorizationPurpose): Purpose | undefined {
  if (returned.kind !== 'connect') return undefined;
  const { flowId, stepId } = returned;
  return { kind: 'connect', step: { flowId, stepId } };
}

function storable(purpose: Purpose, { id }: Provider): AuthorizationPurpose {
  return purpose.kind === 'reconnect'
    ? { kind: 'reconnect', connectionId: purpose.connection.id }
    : { kind: 'connect', ...purpose.step, provider: id };
}
