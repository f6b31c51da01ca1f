import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Connection, Flow, Provider } from '../../client/index.ts';
import type { ProjectApi } from '../api.ts';
import '../components.ts';
import { renderBlank } from '../element.ts';
import { PageElement } from '../page-element.ts';
import { fillAddress, placeholder, providerIcon } from '../parts.ts';
import table from '../styles/table.css?inline';
import styles from './flows-list.css?inline';

interface Loaded {
  readonly flows: readonly Flow[];
  readonly nextCursor: string | null;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly connection: Connection | undefined;
  readonly at: Date;
}

const PAGE_SIZE = 50;
const SKELETON_ROWS = 5;

/**
 * The flows of a project, or those that use one connection, and which of them are blocked.
 *
 * @fires filterchange - with the id of the connection, empty where the user asks for all flows
 */
export class FlowsList extends PageElement<Loaded> {
  static override properties: PropertyDeclarations = {
    connectionId: { attribute: 'connection-id' },
    flowUrl: { attribute: 'flow-url' },
    moreError: { state: true },
  };
  static override styles = [...PageElement.styles, unsafeCSS(table), unsafeCSS(styles)];

  /** Limits the list to the flows that use this connection. */
  connectionId = '';
  /** A flow's address in the host, with `{flowId}`; without one there is no link. */
  flowUrl = '';
  declare private moreError: unknown;

  protected override readonly subject = ['projectId', 'connectionId'];

  protected override load(api: ProjectApi, signal: AbortSignal): Promise<Loaded> {
    return load(api, this.connectionId, signal);
  }

  protected override render(): TemplateResult {
    const { loaded, loadError } = this;
    const unloaded = this.renderUnloaded();
    if (unloaded) return unloaded;
    return html`
      ${this.renderStale(loaded?.at, loadError ?? this.moreError)} ${this.#renderFilter()}
      <div class="panel" aria-busy=${this.isPending}>
        ${loaded?.flows.length === 0 ? this.#renderNothing() : this.#renderTable()}
      </div>
      ${
        loaded?.nextCursor
          ? html`<wa-button class="more" size="s" appearance="outlined" @click=${() => this.#more()}>
              ${this.locale.text.showMore}
            </wa-button>`
          : nothing
      }
    `;
  }

  #renderFilter(): TemplateResult | typeof nothing {
    if (!this.connectionId) return nothing;
    const { text } = this.locale;
    const name = this.loaded?.connection?.name ?? '…';
    return html`<div class="message filter">
      <span class="text">${text.filteredBy(name)}</span>
      <wa-button size="s" appearance="outlined" @click=${() => this.#showAll()}>${text.showAllFlows}</wa-button>
    </div>`;
  }

  #renderNothing(): TemplateResult {
    const { text } = this.locale;
    return this.connectionId
      ? renderBlank(text.noFlowsOfConnection, '')
      : renderBlank(text.noFlowsTitle, text.noFlowsText);
  }

  #renderTable(): TemplateResult {
    const { text } = this.locale;
    return html`<table role="table" aria-label=${text.flows}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">${text.flow}</th>
          <th role="columnheader" scope="col">${text.state}</th>
          <th role="columnheader" scope="col">${text.integrations}</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${
          this.loaded
            ? repeat(
                this.loaded.flows,
                ({ id }) => id,
                (flow) => this.#renderFlow(flow),
              )
            : Array.from({ length: SKELETON_ROWS }, (_, index) => renderSkeleton(index))
        }
      </tbody>
    </table>`;
  }

  #renderFlow(flow: Flow): TemplateResult {
    const { text } = this.locale;
    return html`<tr role="row">
      <td role="cell" class="name">
        ${this.flowUrl ? html`<a href=${fillAddress(this.flowUrl, { flowId: flow.id })}>${flow.name}</a>` : flow.name}
      </td>
      <td role="cell" class="state">
        <span class="status ${flow.blocked ? 'blocked' : 'active'}">${flow.blocked ? text.blocked : text.ready}</span>
      </td>
      <td role="cell"><ul class="steps">${this.#renderSteps(flow)}</ul></td>
    </tr>`;
  }

  #renderSteps({ integrations }: Flow): TemplateResult | TemplateResult[] {
    const { text } = this.locale;
    if (integrations.length === 0) return html`<li class="quiet">${text.noIntegrations}</li>`;
    return integrations.map(({ provider: id, connectionStatus }) => {
      const provider = this.loaded?.providers.get(id);
      const isInactive = connectionStatus === 'inactive';
      return html`<li class="step ${connectionStatus}">
        ${providerIcon(provider?.iconUrl, 'small')}<span>${provider?.name ?? id}</span>
        ${isInactive ? html`<span class="why">${text.inactive}</span>` : nothing}
      </li>`;
    });
  }

  async #more(): Promise<void> {
    const { api, loaded } = this;
    if (!api || !loaded?.nextCursor) return;
    try {
      const page = await api.flows({
        connectionId: this.connectionId,
        cursor: loaded.nextCursor,
        limit: PAGE_SIZE,
      });
      this.moreError = undefined;
      this.loaded = { ...loaded, flows: [...loaded.flows, ...page.items], nextCursor: page.nextCursor };
    } catch (error) {
      this.moreError = error;
    }
  }

  #showAll(): void {
    this.connectionId = '';
    this.send('filterchange', { connectionId: '' });
  }
}

async function load(api: ProjectApi, connectionId: string, signal: AbortSignal): Promise<Loaded> {
  const [page, providers, connection] = await Promise.all([
    api.flows({ connectionId, limit: PAGE_SIZE }, signal),
    api.providers(),
    connectionId ? api.connection(connectionId, signal) : undefined,
  ]);
  return {
    flows: page.items,
    nextCursor: page.nextCursor,
    providers: new Map(providers.map((provider) => [provider.id, provider])),
    connection,
    at: new Date(),
  };
}

function renderSkeleton(index: number): TemplateResult {
  return html`<tr role="row" aria-hidden="true">
    <td role="cell" class="name">${placeholder(index + 2)}</td>
    <td role="cell" class="state">${placeholder(0)}</td>
    <td role="cell">${placeholder(2)}</td>
  </tr>`;
}
