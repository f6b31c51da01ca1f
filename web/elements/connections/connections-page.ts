import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { live } from 'lit/directives/live.js';
import type { Connection, ConnectionPage } from '../../client/index.ts';
import type { ProjectApi, Role, SortKey, SortOrder, Status } from '../api.ts';
import '../components.ts';
import { renderBlank } from '../element.ts';
import { icon } from '../icons.ts';
import { PageElement } from '../page-element.ts';
import { hasCode } from '../problem-text.ts';
import table from '../styles/table.css?inline';
import styles from './connections-page.css?inline';
import noticeStyles from './notices.css?inline';
import { loadNotices, type Notices, renderNotices } from './notices.ts';
import { renderPager } from './pager.ts';
import { renderTable } from './table.ts';

/** Filter, order and position of the page; a host keeps it in its address. */
export interface ConnectionFilter {
  readonly status: Status | '';
  readonly search: string;
  readonly sort: SortKey;
  readonly order: SortOrder;
  readonly cursor: string;
}

interface Loaded {
  readonly page: ConnectionPage;
  /** The cursor of the page. */
  readonly cursor: string;
  readonly notices: Notices;
  readonly role: Role | undefined;
  readonly at: Date;
}

const PAGE_SIZE = 25;
/** Typing that goes on is one search. */
const TYPING_PAUSE_MS = 200;
const FILTERS = ['status', 'search', 'sort', 'order'];
const NATURAL_ORDER = { name: 'asc', connectedAt: 'desc' } as const;

/**
 * The connections of a project: list, search, reconnect, rename.
 *
 * @fires filterchange - with the filter, and `isTyping` while the user types a search
 * @fires reconnected - with the connection
 * @fires renamed - with the connection
 * @fires dialogclosed - when the reconnect dialog, which `reconnect` opens, has closed
 */
export class ConnectionsPage extends PageElement<Loaded> {
  static override properties: PropertyDeclarations = {
    status: {},
    search: {},
    sort: {},
    order: {},
    cursor: {},
    reconnect: {},
    detailsUrl: { attribute: 'details-url' },
    flowsUrl: { attribute: 'flows-url' },
  };
  static override styles = [
    ...PageElement.styles,
    unsafeCSS(table),
    unsafeCSS(noticeStyles),
    unsafeCSS(styles),
  ];

  status: Status | '' = '';
  search = '';
  sort: SortKey = 'connectedAt';
  order: SortOrder | '' = '';
  cursor = '';
  /** The id of the connection whose reconnect dialog is to open. */
  reconnect = '';
  /** Addresses in the host, with `{connectionId}`; without one there is no link. */
  detailsUrl = '';
  flowsUrl = '';
  /** The cursors of the pages that the user came by, from the first page on. */
  #cursors: readonly string[] = [''];
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #opened = '';

  protected override readonly subject = ['projectId'];
  protected override readonly filters = [...FILTERS, 'cursor'];

  protected override onLoadError(error: unknown): void {
    // A link that was cut off, or is older than the list's order.
    if (hasCode(error, 'invalid_cursor')) this.#change({ cursor: '' });
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    super.willUpdate(changed);
    // A cursor belongs to one project, filter and order.
    if (['projectId', ...FILTERS].some((name) => changed.has(name))) this.#cursors = [''];
  }

  protected override updated(): void {
    if (this.reconnect === this.#opened) return;
    const { api } = this;
    if (this.reconnect !== '' && (!api || !this.loaded)) return;
    this.#opened = this.reconnect;
    if (api && this.reconnect !== '') void this.#openById(api, this.reconnect);
  }

  protected override render(): TemplateResult {
    const { text, number } = this.locale;
    const counts = this.loaded?.page.counts;
    return html`
      <header>
        <h1>${text.connections}${counts ? html` <span class="count">${number(counts.all)}</span>` : nothing}</h1>
        ${this.#renderFilters()}
      </header>
      ${this.#renderContent()} ${this.renderToast()}
      ${this.renderConnectDialog(this.#onDialogClosed)} ${this.renderRenameDialog()}
    `;
  }

  #renderFilters(): TemplateResult {
    const { text, number, language } = this.locale;
    const counts = this.loaded?.page.counts;
    const label = (name: string, count: number | undefined) =>
      count === undefined ? name : text.statusWithCount(name, number(count));
    return html`<div class="filters" role="search">
      <wa-input
        type="search"
        class="search"
        placeholder=${text.searchByName}
        label=${text.searchByName}
        lang=${language}
        with-clear
        autocomplete="off"
        .value=${this.search}
        @input=${this.#onSearch}
        @wa-clear=${this.#onSearch}
      ><span slot="start">${icon('search')}</span></wa-input>
      <label class="status-filter">
        <span class="visually-hidden">${text.status}</span>
        <select .value=${live(this.status)} @change=${this.#onStatus}>
          <option value="" ?selected=${this.status === ''}>${label(text.all, counts?.all)}</option>
          <option value="active" ?selected=${this.status === 'active'}>${label(text.active, counts?.active)}</option>
          <option value="inactive" ?selected=${this.status === 'inactive'}>${label(text.inactive, counts?.inactive)}</option>
        </select>
        ${icon('down')}
      </label>
    </div>`;
  }

  #renderContent(): TemplateResult {
    const { loaded, locale, loadError, isPending } = this;
    const isOutsider = loaded !== undefined && loaded.role === undefined;
    if (isOutsider)
      return html`<div class="panel">${renderBlank(locale.text.outsiderTitle, locale.text.outsiderText)}</div>`;
    const unloaded = this.renderUnloaded();
    if (unloaded) return unloaded;
    const mayChange = loaded?.role === 'administrator';
    return html`
      ${this.renderStale(loaded?.at, loadError)}
      ${
        loaded
          ? renderNotices(loaded.notices, locale, {
              mayReconnect: mayChange,
              onReconnect: (connection) => this.connectDialog?.reconnect(connection),
              onShowStopped: () => this.#change({ status: 'inactive', search: '' }),
            })
          : nothing
      }
      ${loaded && !mayChange ? html`<p class="message role-note">${icon('info')}<span class="text">${locale.text.membersMayNot}</span></p>` : nothing}
      ${keyed(
        // Replaces the skeleton, rather than shift it below the notices.
        loaded !== undefined,
        html`<div class="panel" aria-busy=${isPending}>
        ${
          // An empty list of former filters is a skeleton until the new ones have their response.
          loaded && loaded.page.items.length === 0 && !isPending
            ? this.#renderNothing(loaded.page)
            : renderTable({
                connections: loaded?.page.items.length === 0 ? undefined : loaded?.page.items,
                locale,
                mayChange,
                sort: this.sort,
                order: this.#order,
                detailsUrl: this.detailsUrl,
                flowsUrl: this.flowsUrl,
                onSort: this.#onSort,
                onReconnect: (connection) => this.connectDialog?.reconnect(connection),
                onRename: (connection) => this.renameDialog?.open(connection),
              })
        }
      </div>`,
      )}
      ${loaded ? this.#renderPager(loaded) : html`<div class="pager"></div>`}
    `;
  }

  #renderPager({ page, cursor }: Loaded): TemplateResult {
    // Unknown where the user came by a link to a later page.
    const index = this.#cursors.indexOf(cursor);
    return renderPager({
      locale: this.locale,
      from: index === -1 ? undefined : index * PAGE_SIZE + 1,
      shown: page.items.length,
      total: this.search === '' ? page.counts[this.status || 'all'] : undefined,
      isFirst: cursor === '',
      isLast: page.nextCursor === null,
      onPrevious: () => this.#change({ cursor: this.#cursors[index - 1] ?? '' }),
      onNext: () => {
        const next = page.nextCursor ?? '';
        if (index !== -1) this.#cursors = [...this.#cursors.slice(0, index + 1), next];
        this.#change({ cursor: next });
      },
    });
  }

  #renderNothing({ counts, nextCursor }: ConnectionPage): TemplateResult {
    const { text } = this.locale;
    if (counts.all === 0) return renderBlank(text.emptyTitle, text.emptyText);
    if (nextCursor !== null) return renderBlank(text.noMatchTitle, text.noMatchSoFar);
    const action = html`<wa-button
      size="s"
      appearance="outlined"
      @click=${() => this.#change({ status: '', search: '' })}
    >${text.clearFilters}</wa-button>`;
    return renderBlank(text.noMatchTitle, text.noMatchText, { action });
  }

  protected override async load(api: ProjectApi, signal: AbortSignal): Promise<Loaded> {
    const { cursor } = this;
    const [page, notices, role] = await Promise.all([
      api.connections(
        {
          status: this.status || undefined,
          q: this.search.trim(),
          sort: this.sort,
          order: this.#order,
          cursor,
          limit: PAGE_SIZE,
        },
        signal,
      ),
      loadNotices(api, signal),
      api.role(signal),
    ]);
    return { page, cursor, notices, role, at: new Date() };
  }

  get #order(): SortOrder {
    return this.order || NATURAL_ORDER[this.sort];
  }

  /** Opens the dialog of a deep link, which may name a connection of another page. */
  async #openById(api: ProjectApi, connectionId: string): Promise<void> {
    if (this.loaded?.role !== 'administrator') return;
    try {
      const known = this.loaded.page.items.find(({ id }) => id === connectionId);
      await this.connectDialog?.reconnect(known ?? (await api.connection(connectionId)));
    } catch {
      this.announce(this.locale.text.notFoundTitle);
      this.send('dialogclosed', undefined);
    }
  }

  /** Shows other connections; those of another filter begin with the first page. */
  #change(change: Partial<ConnectionFilter>, isTyping = false): void {
    Object.assign(this, { cursor: '' }, change);
    const { status, search, sort, cursor } = this;
    this.send('filterchange', { filter: { status, search, sort, order: this.#order, cursor }, isTyping });
  }

  #onSearch = (event: Event & { readonly currentTarget: { value?: string } }) => {
    const search = event.currentTarget.value ?? '';
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => {
      if (search !== this.search) this.#change({ search }, true);
    }, TYPING_PAUSE_MS);
  };

  #onStatus = (event: Event & { readonly currentTarget: HTMLSelectElement }) => {
    const { value } = event.currentTarget;
    this.#change({ status: value === 'active' || value === 'inactive' ? value : '' });
  };

  #onSort = (sort: SortKey) => {
    const isReversed = sort === this.sort && this.#order === NATURAL_ORDER[sort];
    this.#change({ sort, order: isReversed ? opposite(NATURAL_ORDER[sort]) : NATURAL_ORDER[sort] });
  };

  #onDialogClosed = () => {
    this.reconnect = '';
    this.#opened = '';
  };

  protected override showConnection(connection: Connection): void {
    if (!this.loaded) return;
    const { page } = this.loaded;
    const items = page.items.map((item) => (item.id === connection.id ? connection : item));
    this.loaded = { ...this.loaded, page: { ...page, items } };
  }
}

function opposite(order: SortOrder): SortOrder {
  return order === 'asc' ? 'desc' : 'asc';
}
