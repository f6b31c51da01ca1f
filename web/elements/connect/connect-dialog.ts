import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import type { Connection, Provider } from '../../client/index.ts';
import { NAME_LIMIT, type Step } from '../api.ts';
import { ConnectionsElement } from '../element.ts';
import { icon } from '../icons.ts';
import { providerIcon } from '../parts.ts';
import { states } from '../states.ts';
import { takeResult } from './authorization.ts';
import { renderCredentials } from './credentials-form.ts';
import {
  ConnectOperation,
  type Failure,
  LOADING,
  type OperationListener,
  type OperationState,
  type Phase,
  type Purpose,
} from './operation.ts';
import '../components.ts';
import styles from './dialog.css?inline';

/**
 * Makes a connection for a flow's step, or reconnects one: by the fields that the provider needs, or by its consent
 * page. The form stays as it is when the provider refuses, and so do the connection and its former credentials.
 *
 * @fires connected - with the new connection
 * @fires reconnected - with the connection
 * @fires dialogclosed - when the dialog has closed, whatever came of it
 */
export class ConnectDialog extends ConnectionsElement {
  static override properties: PropertyDeclarations = states('state', 'values', 'draftName', 'isOpen');
  static override styles = [...ConnectionsElement.styles, unsafeCSS(styles)];

  declare private state: OperationState;
  declare private values: Readonly<Record<string, string>>;
  declare private draftName: string;
  private isOpen = false;
  /** Operation of this opening of the dialog. */
  #operation: ConnectOperation | undefined;

  constructor() {
    super();
    this.#reset();
  }

  /** Opens the dialog for a connection. */
  async reconnect(connection: Connection): Promise<void> {
    await this.#start({ kind: 'reconnect', connection }, connection.provider.id);
  }

  /** Opens the dialog for a step that is to have a new connection. */
  async connect(provider: string, step: Step): Promise<void> {
    await this.#start({ kind: 'connect', step }, provider);
  }

  protected override refresh(): void {
    // A form that somebody fills in stays as it is.
  }

  protected override updated(): void {
    const returned = this.api && takeResult(this.projectId);
    if (returned) void this.#open()?.resume(returned.purpose, returned.result);
  }

  protected override render(): TemplateResult {
    const { locale, state } = this;
    const { provider, phase, failure } = state;
    return html`<wa-dialog
      label=${this.#title}
      lang=${locale.language}
      ?open=${this.isOpen}
      @wa-after-show=${this.#focusFirst}
      @wa-after-hide=${this.#onHidden}
    >
      <form id="form" novalidate @submit=${this.#onSubmit}>
        ${provider ? this.#renderService(provider) : nothing}
        ${failure ? this.#renderFailed(failure) : nothing}
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
    const { purpose, provider, phase } = this.state;
    if (phase.at === 'mismatch') return text.mismatchTitle;
    if (purpose?.kind === 'reconnect') return text.reconnectTitle(purpose.connection.name);
    return text.connectTitle(provider?.name ?? '');
  }

  #renderService(provider: Provider): TemplateResult {
    const { purpose } = this.state;
    const account = purpose?.kind === 'reconnect' ? purpose.connection.account : null;
    return html`<div class="service">
      ${providerIcon(provider.iconUrl)}
      <div class="names">
        <strong>${provider.name}</strong>
        ${account ? html`<span class="quiet">${this.locale.text.account}: ${account.label}</span>` : nothing}
      </div>
    </div>`;
  }

  #renderFailed({ text, scopes }: Failure): TemplateResult {
    const isReconnect = this.state.purpose?.kind === 'reconnect';
    return html`<div class="message danger" role="alert">
      ${icon('warning')}
      <div class="text">
        ${text} ${isReconnect ? this.locale.text.oldStand : nothing}
        ${scopes.length > 0 ? html`<ul class="scopes">${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>` : nothing}
      </div>
    </div>`;
  }

  #renderMismatch({ current, candidate }: Extract<Phase, { at: 'mismatch' }>): TemplateResult {
    return html`<p role="alert">${this.locale.text.mismatch(current, candidate, this.state.provider?.name ?? '')}</p>`;
  }

  #renderBody(): TemplateResult | typeof nothing {
    const { locale } = this;
    const { text } = locale;
    const { provider, purpose, phase, errors } = this.state;
    if (!provider) return nothing;
    const isDisabled = phase.at !== 'form';
    const isConsent = provider.auth.type === 'oauth2';
    return html`
      ${renderCredentials({
        provider,
        locale,
        isDisabled,
        values: this.values,
        errors,
        onInput: (name, value) => {
          this.values = { ...this.values, [name]: value };
          this.#operation?.clearError(name);
        },
      })}
      ${purpose?.kind === 'connect' ? this.#renderName(isDisabled) : nothing}
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
    const { phase, provider, purpose } = this.state;
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
        : purpose?.kind === 'connect'
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

  readonly #listener: OperationListener = {
    locale: () => this.locale,
    onChange: (state) => {
      this.state = state;
    },
    onForm: () => void this.updateComplete.then(this.#focusFirst),
    onConnected: ({ kind }, connection) =>
      this.send(kind === 'reconnect' ? 'reconnected' : 'connected', connection),
    onEnd: () => this.#close(),
  };

  #start(purpose: Purpose, providerId: string): Promise<void> | undefined {
    // It goes on with what the page came back with from a provider, though the address asks for the dialog as well.
    if (this.isOpen) return undefined;
    const operation = this.#open();
    this.state = { ...LOADING, purpose };
    return operation?.start(purpose, providerId);
  }

  /** Opens the dialog for an operation of its own; undefined until the host has set what the API takes. */
  #open(): ConnectOperation | undefined {
    this.#reset();
    this.isOpen = true;
    this.#operation = this.api && new ConnectOperation(this.api, this.#listener);
    return this.#operation;
  }

  #onSubmit = (event: Event) => {
    event.preventDefault();
    void this.#submit(false);
  };

  #submit(allowAccountChange: boolean): Promise<void> | undefined {
    return this.#operation?.submit({ values: this.values, name: this.draftName, allowAccountChange });
  }

  /** Focuses the first field that is wrong, or the first one. */
  #focusFirst = () => {
    const inputs = [...this.renderRoot.querySelectorAll('wa-input')];
    const wrong = inputs.find(({ name }) => name && this.state.errors[name]);
    (wrong ?? inputs[0])?.focus();
  };

  #onHidden = () => {
    this.#close();
    this.#reset();
    this.send('dialogclosed', undefined);
  };

  #close(): void {
    this.#operation?.cancel();
    this.isOpen = false;
  }

  /** Forgets what was typed in. */
  #reset(): void {
    this.#operation?.cancel();
    this.#operation = undefined;
    this.state = LOADING;
    this.values = {};
    this.draftName = '';
  }
}
