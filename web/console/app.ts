import { Task } from '@lit/task';
import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import { createClient, requireData } from '../client/index.ts';
import { ConnectionsElement, renderBlank } from '../elements/element.ts';
import type { ConnectionFilter } from '../elements/index.ts';
import { localeOf } from '../elements/locale.ts';
import { states } from '../elements/states.ts';
import styles from './app.css?inline';
import './flow-builder.ts';
import './flows-page.ts';
import { type ConsoleMessages, MESSAGES } from './messages.ts';
import {
  chooseLanguage,
  chooseTheme,
  LANGUAGES,
  type Language,
  language,
  type Theme,
  theme,
} from './preferences.ts';
import { followLinks, listPath, type Route, routeOf, setParameters } from './routes.ts';
import type { Session } from './sign-in/session.ts';

/** The console: sign-in, addresses and the choice of a project around the elements that platforms embed. */
export class ConsoleApp extends LitElement {
  static override properties: PropertyDeclarations = {
    apiUrl: { attribute: false },
    session: { attribute: false },
    ...states('language', 'address'),
  };
  static override styles = [...ConnectionsElement.styles, unsafeCSS(styles)];

  declare apiUrl: string;
  declare session: Session;
  private language: Language = language();
  private address: URL = new URL(location.href);

  readonly #accessToken = () => this.session.accessToken();

  readonly #projects = new Task(this, {
    args: () => [this.apiUrl] as const,
    task: async ([baseUrl], { signal }) => {
      const client = createClient({ baseUrl, accessToken: this.#accessToken });
      const { items } = await requireData(client.GET('/v1/projects', { signal }));
      return items.map(({ projectId }) => projectId);
    },
    onComplete: (projects) => this.#leaveStart(projects),
  });

  constructor() {
    super();
    followLinks(() => this.#onNavigate());
  }

  protected override updated(): void {
    document.title = this.#title;
  }

  protected override render(): TemplateResult {
    const text = this.#text;
    return html`
      <header>
        <button class="skip" @click=${this.#skip}>${text.skip}</button>
        <a class="brand" href="/" aria-label="Connections">${renderLogo()}<span>Connections</span></a>
        ${this.#projectId ? this.#renderNavigation(this.#projectId) : nothing}
        <div class="account">${this.#renderPreferences()}</div>
      </header>
      <main id="content" tabindex="-1">${this.#renderPage()}</main>
    `;
  }

  #renderNavigation(projectId: string): TemplateResult {
    const text = this.#text;
    const { page } = this.#route;
    const link = (list: 'connections' | 'flows', isCurrent: boolean) =>
      html`<a href=${listPath(projectId, list)} aria-current=${isCurrent ? 'page' : nothing}>${text[list]}</a>`;
    return html`<label class="project">
        <span class="visually-hidden">${text.project}</span>
        <select @change=${this.#onProject}>
          ${this.#choices.map((id) => html`<option value=${id} ?selected=${id === projectId}>${id}</option>`)}
        </select>
      </label>
      <nav aria-label=${text.pages}>
        ${link('connections', page === 'connections' || page === 'connection')}
        ${link('flows', page === 'flows' || page === 'flow')}
      </nav>`;
  }

  #renderPreferences(): TemplateResult {
    const text = this.#text;
    const { user } = this.session;
    const chosen = theme();
    return html`
      <label>
        <span class="visually-hidden">${text.language}</span>
        <select @change=${this.#onLanguage}>
          ${Object.entries(LANGUAGES).map(([id, name]) => html`<option value=${id} lang=${id} ?selected=${id === this.language}>${name}</option>`)}
        </select>
      </label>
      <label>
        <span class="visually-hidden">${text.theme}</span>
        <select @change=${this.#onTheme}>
          ${Object.entries(text.themes).map(([id, name]) => html`<option value=${id} ?selected=${id === chosen}>${name}</option>`)}
        </select>
      </label>
      <span class="user" title=${text.signedInAs(user.name ?? user.id)}>${user.name ?? user.id}</span>
      <button class="sign-out" @click=${() => this.session.signOut()}>${text.signOut}</button>
    `;
  }

  #renderPage(): TemplateResult | typeof nothing {
    const route = this.#route;
    const { text } = localeOf(this.language);
    switch (route.page) {
      case 'start':
        return this.#projects.value?.length === 0
          ? html`<div class="panel">${renderBlank(text.noProjectTitle, text.noProjectText, { isPage: true })}</div>`
          : nothing;
      case 'connections':
        return this.#renderConnections(route.projectId);
      case 'connection':
        return html`<a class="back" href=${listPath(route.projectId, 'connections')}>← ${text.allConnections}</a>
          <connections-details
            .baseUrl=${this.apiUrl}
            .projectId=${route.projectId}
            .accessToken=${this.#accessToken}
            .lang=${this.language}
            .connectionId=${route.connectionId}
            .flowUrl=${`${listPath(route.projectId, 'flows')}/{flowId}`}
            .flowsUrl=${`${listPath(route.projectId, 'flows')}?connection={connectionId}`}
          ></connections-details>`;
      case 'flows':
        return html`<flows-page
          .baseUrl=${this.apiUrl}
          .projectId=${route.projectId}
          .accessToken=${this.#accessToken}
          .lang=${this.language}
          .text=${this.#text}
          .connectionId=${this.address.searchParams.get('connection') ?? ''}
          @filterchange=${this.#onFlowsFilter}
          @flowcreated=${(event: CustomEvent<string>) => this.#go(event.detail)}
        ></flows-page>`;
      case 'flow':
        return html`<a class="back" href=${listPath(route.projectId, 'flows')}>← ${this.#text.allFlows}</a>
          <flow-builder
            .baseUrl=${this.apiUrl}
            .projectId=${route.projectId}
            .accessToken=${this.#accessToken}
            .lang=${this.language}
            .text=${this.#text}
            .flowId=${route.flowId}
            @flowremoved=${() => this.#go(listPath(route.projectId, 'flows'))}
          ></flow-builder>`;
      case 'unknown':
        return html`<div class="panel">${renderBlank(this.#text.notFoundTitle, this.#text.notFoundText, { isPage: true })}</div>`;
    }
  }

  #renderConnections(projectId: string): TemplateResult {
    const parameter = (name: string) => this.address.searchParams.get(name) ?? '';
    return html`<connections-page
      .baseUrl=${this.apiUrl}
      .projectId=${projectId}
      .accessToken=${this.#accessToken}
      .lang=${this.language}
      .status=${statusOf(parameter('status'))}
      .search=${parameter('q')}
      .sort=${parameter('sort') === 'name' ? 'name' : 'connectedAt'}
      .order=${orderOf(parameter('order'))}
      .cursor=${parameter('cursor')}
      .reconnect=${parameter('reconnect')}
      .detailsUrl=${`${listPath(projectId, 'connections')}/{connectionId}`}
      .flowsUrl=${`${listPath(projectId, 'flows')}?connection={connectionId}`}
      @filterchange=${this.#onFilter}
      @dialogclosed=${() => this.#set({ reconnect: '' }, 'replace')}
    ></connections-page>`;
  }

  get #text(): ConsoleMessages {
    return MESSAGES[this.language];
  }

  get #route(): Route {
    return routeOf(this.address.pathname);
  }

  get #projectId(): string | undefined {
    return 'projectId' in this.#route ? this.#route.projectId : undefined;
  }

  /** The user's projects, and the one in the address, which may be another's. */
  get #choices(): readonly string[] {
    const projects = this.#projects.value ?? [];
    return this.#projectId && !projects.includes(this.#projectId) ? [this.#projectId, ...projects] : projects;
  }

  get #title(): string {
    const { page } = this.#route;
    const name = page === 'flows' || page === 'flow' ? this.#text.flows : this.#text.connections;
    return this.#projectId ? `${name} · ${this.#projectId}` : name;
  }

  #leaveStart(projects: readonly string[]): void {
    const [first] = projects;
    if (this.#route.page !== 'start' || !first) return;
    history.replaceState(null, '', listPath(first, 'connections'));
    this.address = new URL(location.href);
  }

  #onNavigate(): void {
    const before = this.address.pathname;
    this.address = new URL(location.href);
    this.#leaveStart(this.#projects.value ?? []);
    if (this.address.pathname === before) return;
    scrollTo(0, 0);
    this.renderRoot.querySelector('main')?.focus({ preventScroll: true });
  }

  #go(path: string): void {
    history.pushState(null, '', path);
    this.#onNavigate();
  }

  #set(parameters: Readonly<Record<string, string>>, how: 'push' | 'replace'): void {
    setParameters(parameters, how);
    this.address = new URL(location.href);
  }

  #onFilter = ({ detail }: CustomEvent<{ filter: ConnectionFilter; isTyping: boolean }>) => {
    const { status, search, sort, order, cursor } = detail.filter;
    const isNatural = order === (sort === 'name' ? 'asc' : 'desc');
    const parameters = {
      status,
      q: search,
      sort: sort === 'name' ? sort : '',
      order: isNatural ? '' : order,
      cursor,
    };
    this.#set(parameters, detail.isTyping ? 'replace' : 'push');
  };

  #onFlowsFilter = ({ detail }: CustomEvent<{ connectionId: string }>) => {
    this.#set({ connection: detail.connectionId }, 'push');
  };

  #onProject = (event: Event & { readonly currentTarget: HTMLSelectElement }) => {
    const list = this.#route.page === 'flows' || this.#route.page === 'flow' ? 'flows' : 'connections';
    this.#go(listPath(event.currentTarget.value, list));
  };

  #onLanguage = (event: Event & { readonly currentTarget: HTMLSelectElement }) => {
    chooseLanguage(event.currentTarget.value === 'es' ? 'es' : 'en');
    this.language = language();
  };

  #onTheme = (event: Event & { readonly currentTarget: HTMLSelectElement }) => {
    chooseTheme(themeOf(event.currentTarget.value));
  };

  #skip = () => {
    this.renderRoot.querySelector('main')?.focus();
  };
}

function statusOf(value: string): ConnectionFilter['status'] {
  return value === 'active' || value === 'inactive' ? value : '';
}

function orderOf(value: string): ConnectionFilter['order'] | '' {
  return value === 'asc' || value === 'desc' ? value : '';
}

function themeOf(value: string): Theme {
  return value === 'light' || value === 'dark' ? value : 'system';
}

function renderLogo(): TemplateResult {
  return html`<svg class="logo" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M6.5 9.5l3-3" /><path d="M7.3 5.2l1-1a2.5 2.5 0 0 1 3.5 3.5l-1 1" />
    <path d="M8.7 10.8l-1 1a2.5 2.5 0 0 1-3.5-3.5l1-1" />
  </svg>`;
}

customElements.define('console-app', ConsoleApp);
