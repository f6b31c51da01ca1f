import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import type { Connection, Flow, Provider } from '../client/index.ts';
import type { ProjectApi, Role } from '../elements/api.ts';
import { renderBlank } from '../elements/element.ts';
import { icon } from '../elements/icons.ts';
import { PageElement } from '../elements/page-element.ts';
import { providerIcon } from '../elements/parts.ts';
import { problemText } from '../elements/problem-text.ts';
import { states } from '../elements/states.ts';
import { renderApiCall } from './api-call.ts';
import styles from './builder.css?inline';
import type { ConsoleMessages } from './messages.ts';
import { listPath } from './routes.ts';

type Integration = Flow['integrations'][number];

interface Loaded {
  readonly flow: Flow | undefined;
  readonly role: Role | undefined;
  readonly providers: readonly Provider[];
  readonly connections: ReadonlyMap<string, Connection>;
}

/** Removal that awaits the user's confirmation. */
type Removal = { readonly kind: 'flow' } | { readonly kind: 'step'; readonly integration: Integration };

/**
 * A small stand-in for a flow builder: configuring an integration is what makes a connection, and removing one is what
 * disconnects it. Beside each step stands the request that a platform would send.
 *
 * @fires flowremoved - when the flow was deleted
 */
class FlowBuilder extends PageElement<Loaded> {
  static override properties: PropertyDeclarations = {
    text: { attribute: false },
    flowId: {},
    ...states('search', 'chosen', 'candidates', 'removal'),
  };
  static override styles = [...PageElement.styles, unsafeCSS(styles)];

  declare text: ConsoleMessages;
  declare flowId: string;
  private search = '';
  /** The provider of the step that is being added. */
  declare private chosen: Provider | undefined;
  /** The project's connections to that provider. */
  private candidates: readonly Connection[] = [];
  declare private removal: Removal | undefined;

  protected override readonly subject = ['projectId', 'flowId'];

  protected override async load(api: ProjectApi, signal: AbortSignal): Promise<Loaded | undefined> {
    return this.flowId ? load(api, this.flowId, signal) : undefined;
  }

  protected override render(): TemplateResult {
    const { loaded, text } = this;
    return html`
      ${
        loaded
          ? this.#renderLoaded(loaded)
          : (this.renderUnloaded({ isPage: true }) ?? html`<div class="panel waiting"></div>`)
      }
      ${this.renderToast()} ${this.#renderRemoval()} ${this.renderConnectDialog()}
      <p class="hint">${text.builderHint}</p>
    `;
  }

  #renderLoaded({ flow, role }: Loaded): TemplateResult {
    const { text, locale } = this;
    if (!flow) return html`<div class="panel">${renderBlank(text.flowNotFound, '', { isPage: true })}</div>`;
    const mayChange = role === 'administrator';
    return html`
      <header>
        <h1>${flow.name}</h1>
        <span class="status ${flow.blocked ? 'blocked' : 'active'}">${flow.blocked ? locale.text.blocked : locale.text.ready}</span>
        ${
          mayChange
            ? html`<wa-button class="end" size="s" appearance="plain" variant="danger" @click=${() => this.#ask({ kind: 'flow' })}>
                ${text.removeFlow}
              </wa-button>`
            : nothing
        }
      </header>
      ${mayChange ? nothing : html`<p class="message">${icon('info')}<span class="text">${locale.text.membersMayNotConfigure}</span></p>`}
      ${flow.integrations.length === 0 ? html`<div class="panel pad quiet">${text.noSteps}</div>` : nothing}
      <ol class="steps" aria-label=${text.steps}>
        ${flow.integrations.map((integration) => this.#renderStep(flow, integration, mayChange))}
      </ol>
      ${mayChange ? this.#renderPicker(flow) : nothing}
    `;
  }

  #renderStep(flow: Flow, integration: Integration, mayChange: boolean): TemplateResult {
    const { text, locale, loaded } = this;
    const provider = loaded?.providers.find(({ id }) => id === integration.provider);
    const connection = loaded?.connections.get(integration.connectionId);
    const name = provider?.name ?? integration.provider;
    const isInactive = integration.connectionStatus === 'inactive';
    return html`<li class="panel step">
      <div class="row">
        ${providerIcon(provider?.iconUrl)}
        <div class="what">
          <a href=${`${listPath(this.projectId, 'connections')}/${integration.connectionId}`}>${connection?.name ?? name}</a>
          <span class="quiet">${text.step} ${integration.stepId}</span>
        </div>
        <span class="status ${integration.connectionStatus}">${locale.text[integration.connectionStatus]}</span>
        ${
          mayChange
            ? html`<div class="buttons">
                ${isInactive && connection ? html`<wa-button size="s" variant="brand" @click=${() => this.connectDialog?.reconnect(connection)}>${text.reconnect}</wa-button>` : nothing}
                <wa-button
                  size="s"
                  appearance="outlined"
                  @click=${() => this.#ask({ kind: 'step', integration })}
                ><span aria-hidden="true">${text.disconnect}</span
                  ><span class="visually-hidden">${text.disconnectStep(name)}</span></wa-button
                >
              </div>`
            : nothing
        }
      </div>
      ${renderApiCall(text, {
        method: 'PUT',
        path: this.#stepPath(flow.id, integration.stepId),
        body: { provider: integration.provider, connectionId: integration.connectionId },
      })}
    </li>`;
  }

  #renderPicker(flow: Flow): TemplateResult {
    const { text, chosen } = this;
    return html`<section class="panel pad picker" aria-labelledby="add">
      <h2 id="add">${text.addStep}</h2>
      ${chosen ? this.#renderChoice(flow, chosen) : this.#renderCatalog()}
    </section>`;
  }

  #renderCatalog(): TemplateResult {
    const { text, loaded } = this;
    const wanted = fold(this.search.trim());
    const providers = loaded?.providers.filter(({ name, id, category }) =>
      fold(`${name} ${id} ${category}`).includes(wanted),
    );
    return html`<wa-input
        type="search"
        size="s"
        label=${text.searchProviders}
        with-clear
        autocomplete="off"
        .value=${this.search}
        @input=${(event: Event & { readonly currentTarget: { value?: string } }) => {
          this.search = event.currentTarget.value ?? '';
        }}
      ></wa-input>
      ${providers?.length === 0 ? html`<p class="quiet">${text.noProvider}</p>` : nothing}
      <ul class="catalog">${providers?.map((provider) => this.#renderProvider(provider))}</ul>`;
  }

  #renderProvider(provider: Provider & { readonly available?: boolean }): TemplateResult {
    const isUnavailable = provider.available === false;
    return html`<li><button class="choice" ?disabled=${isUnavailable} @click=${() => this.#choose(provider)}>
      ${providerIcon(provider.iconUrl)}<span>${provider.name}</span>
      ${isUnavailable ? html`<span class="quiet">${this.text.unavailable}</span>` : nothing}
    </button></li>`;
  }

  #renderChoice(flow: Flow, provider: Provider): TemplateResult {
    const { text, locale } = this;
    const stepId = freeStepId(flow, provider.id);
    const path = this.#stepPath(flow.id, stepId);
    const call =
      provider.auth.type === 'oauth2'
        ? {
            method: 'POST',
            path: `${path}/authorize`,
            body: { provider: provider.id, returnTo: location.origin },
          }
        : { method: 'PUT', path, body: { provider: provider.id, credentials: shownCredentials(provider) } };
    return html`
      <h3>${text.chooseConnection(provider.name)}</h3>
      <ul class="candidates">
        ${this.candidates.map(
          (connection) => html`<li>
            ${providerIcon(provider.iconUrl, 'small')}
            <span class="what">${connection.name}</span>
            <span class="status ${connection.status}">${locale.text[connection.status]}</span>
            <wa-button size="s" appearance="outlined" @click=${() => this.#use(flow, stepId, connection)}>${text.use}</wa-button>
          </li>`,
        )}
      </ul>
      ${renderApiCall(text, call)}
      ${
        provider.auth.type === 'oauth2'
          ? html`<p class="quiet call-note">${text.thenConsent} POST …/authorizations/{authorizationId}/complete</p>`
          : nothing
      }
      <div class="buttons">
        <wa-button size="s" appearance="outlined" @click=${() => this.#choose(undefined)}>${text.goBack}</wa-button>
        <wa-button size="s" variant="brand" @click=${() => this.connectDialog?.connect(provider.id, { flowId: flow.id, stepId })}>
          ${text.newConnection}
        </wa-button>
      </div>
    `;
  }

  #renderRemoval(): TemplateResult {
    const { text, removal, loaded, locale } = this;
    const connection =
      removal?.kind === 'step' ? loaded?.connections.get(removal.integration.connectionId) : undefined;
    const isLast = connection?.flowCount === 1;
    return html`<wa-dialog
      label=${removal?.kind === 'step' ? text.disconnectTitle(connection?.name ?? removal.integration.provider) : text.removeFlow}
      lang=${locale.language}
      ?open=${removal !== undefined}
      @wa-after-hide=${() => {
        this.removal = undefined;
      }}
    >
      <p>${removal?.kind === 'step' ? html`${text.disconnectText} ${isLast ? text.disconnectLast : nothing}` : text.removeFlowText}</p>
      <div slot="footer" class="buttons">
        <wa-button appearance="outlined" @click=${() => this.#ask(undefined)}>${text.goBack}</wa-button>
        <wa-button variant="danger" @click=${() => this.#remove()}>
          ${removal?.kind === 'step' ? text.disconnect : text.removeFlow}
        </wa-button>
      </div>
    </wa-dialog>`;
  }

  #stepPath(flowId: string, stepId: string): string {
    return `/v1/projects/${this.projectId}/flows/${flowId}/integrations/${stepId}`;
  }

  async #choose(provider: Provider | undefined): Promise<void> {
    this.candidates = [];
    this.chosen = provider;
    if (!provider) return;
    await this.#attempt(async (api) => {
      const page = await api.connections({ provider: provider.id, sort: 'name', limit: 25 });
      if (this.chosen === provider) this.candidates = page.items;
    });
  }

  #use(flow: Flow, stepId: string, { id: connectionId, provider, name }: Connection): Promise<void> {
    return this.#attempt(async (api) => {
      await api.configure({ flowId: flow.id, stepId }, { provider: provider.id, connectionId });
      this.#onChanged(this.locale.text.connected(name));
    });
  }

  #ask(removal: Removal | undefined): void {
    this.removal = removal;
  }

  #remove(): Promise<void> {
    const { removal, flowId } = this;
    this.removal = undefined;
    return this.#attempt(async (api) => {
      if (removal?.kind === 'flow') {
        await api.removeFlow(flowId);
        this.send('flowremoved', undefined);
      } else if (removal) {
        await api.removeIntegration({ flowId, stepId: removal.integration.stepId });
        this.refresh();
      }
    });
  }

  async #attempt(work: (api: ProjectApi) => Promise<void>): Promise<void> {
    const { api } = this;
    if (!api) return;
    try {
      await work(api);
    } catch (error) {
      this.announce(problemText(error, this.locale.text));
    }
  }

  protected override onConnected({ name }: Connection): void {
    this.#onChanged(this.locale.text.connected(name));
  }

  protected override onReconnected({ name }: Connection): void {
    this.#onChanged(this.locale.text.reconnected(name));
  }

  #onChanged(text: string): void {
    this.announce(text);
    this.chosen = undefined;
    this.search = '';
    this.refresh();
  }
}

async function load(api: ProjectApi, flowId: string, signal: AbortSignal): Promise<Loaded> {
  const [flow, role, providers] = await Promise.all([
    api.flow(flowId, signal),
    api.role(signal),
    api.providers(),
  ]);
  const ids = [...new Set(flow?.integrations.map(({ connectionId }) => connectionId))];
  const connections = await Promise.all(ids.map((id) => api.connection(id, signal)));
  return {
    flow,
    role,
    providers,
    connections: new Map(connections.map((connection) => [connection.id, connection])),
  };
}

/** Returns an id that no step of the flow has: the provider's, with a number where it is taken. */
function freeStepId({ integrations }: Flow, provider: string): string {
  const taken = new Set(integrations.map(({ stepId }) => stepId));
  let id = provider;
  for (let number = 2; taken.has(id); number += 1) id = `${provider}-${number}`;
  return id;
}

function shownCredentials({ auth }: Provider): Record<string, string> {
  return Object.fromEntries(auth.fields.filter(({ required }) => required).map(({ name }) => [name, '…']));
}

/** Folds case and accents, as the API does for names. */
function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

customElements.define('flow-builder', FlowBuilder);
