import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import type { Connection, Flow, HistoryEntry, Provider } from '../../client/index.ts';
import type { ProjectApi, Role } from '../api.ts';
import '../components.ts';
import { icon } from '../icons.ts';
import { PageElement } from '../page-element.ts';
import { attentionText, fillAddress, placeholder, providerIcon, statusPill } from '../parts.ts';
import { problemText } from '../problem-text.ts';
import styles from './connection-details.css?inline';
import { renderFacts } from './facts.ts';
import { renderTimeline } from './timeline.ts';

interface Loaded {
  readonly connection: Connection;
  readonly role: Role | undefined;
  readonly entries: readonly HistoryEntry[];
  readonly nextCursor: string | null;
  readonly flows: readonly Flow[];
  readonly hasMoreFlows: boolean;
  readonly provider: Provider | undefined;
  readonly at: Date;
}

/** Flows that are named here; the flows page has all. */
const FLOWS_LIMIT = 20;

/**
 * One connection: what is known of it, its flows and its history; an administrator checks, reconnects and renames it.
 *
 * @fires reconnected - with the connection
 * @fires renamed - with the connection
 */
export class ConnectionDetails extends PageElement<Loaded> {
  static override properties: PropertyDeclarations = {
    connectionId: { attribute: 'connection-id' },
    flowUrl: { attribute: 'flow-url' },
    flowsUrl: { attribute: 'flows-url' },
    isChecking: { state: true },
  };
  static override styles = [...PageElement.styles, unsafeCSS(styles)];

  connectionId = '';
  /** Addresses in the host, with `{flowId}` and `{connectionId}`; without one there is no link. */
  flowUrl = '';
  flowsUrl = '';
  private isChecking = false;

  protected override readonly subject = ['projectId', 'connectionId'];

  protected override async load(api: ProjectApi, signal: AbortSignal): Promise<Loaded | undefined> {
    return this.connectionId ? load(api, this.connectionId, signal) : undefined;
  }

  protected override render(): TemplateResult {
    const { loaded, loadError } = this;
    const unloaded = this.renderUnloaded({ isPage: true });
    if (unloaded) return unloaded;
    return html`
      ${this.renderStale(loaded?.at, loadError)}
      ${loaded ? this.#renderLoaded(loaded) : html`<div class="panel skeleton" aria-hidden="true">${placeholder(2)}</div>`}
      ${this.renderToast()} ${this.renderConnectDialog()} ${this.renderRenameDialog()}
    `;
  }

  #renderLoaded(loaded: Loaded): TemplateResult {
    const { locale } = this;
    const { text } = locale;
    const { connection, role, provider } = loaded;
    const attention = attentionText(connection, locale);
    return html`
      <header>
        ${providerIcon(connection.provider.iconUrl)}
        <div class="heading">
          <h1>${connection.name}</h1>
          <span class="quiet">${connection.provider.name}</span>
        </div>
        ${statusPill(connection.status, locale)} ${role === 'administrator' ? this.#renderActions(connection) : nothing}
      </header>
      ${
        attention
          ? html`<p class="message ${connection.status === 'inactive' ? 'danger' : 'warning'}">
              ${icon('warning')}<span class="text">${attention}</span>
            </p>`
          : nothing
      }
      ${role === 'member' ? html`<p class="message">${icon('info')}<span class="text">${text.membersMayNot}</span></p>` : nothing}
      <div class="columns">
        <div class="panel facts">${renderFacts(connection, provider, locale)}</div>
        <section class="panel" aria-labelledby="flows">
          <h2 id="flows">${text.flows} <span class="count">${locale.number(connection.flowCount)}</span></h2>
          ${this.#renderFlows(loaded)}
        </section>
        <section class="panel history" aria-labelledby="history">
          <h2 id="history">${text.history}</h2>
          ${renderTimeline(loaded.entries, locale)}
          ${
            loaded.nextCursor
              ? html`<wa-button size="s" appearance="outlined" @click=${() => this.#more(loaded)}>${text.showMore}</wa-button>`
              : nothing
          }
        </section>
      </div>
    `;
  }

  #renderActions(connection: Connection): TemplateResult {
    const { text } = this.locale;
    const isInactive = connection.status === 'inactive';
    return html`<div class="buttons">
      <wa-button size="s" appearance="outlined" ?loading=${this.isChecking} @click=${() => this.#check(connection)}>
        ${text.checkNow}
      </wa-button>
      <wa-button size="s" appearance="outlined" @click=${() => this.renameDialog?.open(connection)}>
        ${text.rename}
      </wa-button>
      <wa-button
        size="s"
        variant=${isInactive ? 'brand' : 'neutral'}
        appearance=${isInactive ? 'accent' : 'outlined'}
        @click=${() => this.connectDialog?.reconnect(connection)}
      >${text.reconnect}</wa-button>
    </div>`;
  }

  #renderFlows({ flows, hasMoreFlows, connection }: Loaded): TemplateResult {
    const { text } = this.locale;
    if (flows.length === 0) return html`<p class="quiet">${text.usedByNoFlow}</p>`;
    return html`<ul class="flows">
        ${flows.map(
          (flow) => html`<li>
            ${this.flowUrl ? html`<a href=${fillAddress(this.flowUrl, { flowId: flow.id })}>${flow.name}</a>` : flow.name}
            <span class="status ${flow.blocked ? 'blocked' : 'active'}">${flow.blocked ? text.blocked : text.ready}</span>
          </li>`,
        )}
      </ul>
      ${
        hasMoreFlows && this.flowsUrl
          ? html`<a href=${fillAddress(this.flowsUrl, { connectionId: connection.id })}>${text.showThem}</a>`
          : nothing
      }`;
  }

  async #check({ id, provider }: Connection): Promise<void> {
    const { api, locale } = this;
    if (!api) return;
    this.isChecking = true;
    try {
      const { check } = await api.check(id);
      this.announce(locale.text.checked(provider.name, locale.text.outcomes[check.outcome]));
      this.refresh();
    } catch (error) {
      this.announce(problemText(error, locale.text, provider.name));
    } finally {
      this.isChecking = false;
    }
  }

  async #more(loaded: Loaded): Promise<void> {
    const { api } = this;
    if (!api || !loaded.nextCursor) return;
    try {
      const page = await api.history(this.connectionId, loaded.nextCursor);
      this.loaded = { ...loaded, entries: [...loaded.entries, ...page.items], nextCursor: page.nextCursor };
    } catch (error) {
      this.announce(problemText(error, this.locale.text));
    }
  }

  protected override showConnection(connection: Connection): void {
    if (this.loaded) this.loaded = { ...this.loaded, connection };
  }

  protected override onRenamed(connection: Connection): void {
    super.onRenamed(connection);
    // The history has one more entry.
    this.refresh();
  }
}

async function load(api: ProjectApi, connectionId: string, signal: AbortSignal): Promise<Loaded> {
  const [connection, role, history, flows, providers] = await Promise.all([
    api.connection(connectionId, signal),
    api.role(signal),
    api.history(connectionId, undefined, signal),
    api.flows({ connectionId, limit: FLOWS_LIMIT }, signal),
    api.providers(),
  ]);
  return {
    connection,
    role,
    entries: history.items,
    nextCursor: history.nextCursor,
    flows: flows.items,
    hasMoreFlows: flows.nextCursor !== null,
    provider: providers.find(({ id }) => id === connection.provider.id),
    at: new Date(),
  };
}
