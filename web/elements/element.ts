import {
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
  unsafeCSS,
} from 'lit';
import { createClient, ProblemError } from '../client/index.ts';
import { ProjectApi } from './api.ts';
import { icon } from './icons.ts';
import { type Locale, localeOf } from './locale.ts';
import { hasCode, problemText } from './problem-text.ts';
import { states } from './states.ts';
import shared from './styles/shared.css?inline';
import tokens from './styles/tokens.css?inline';

/** Returns a valid access token of the user. */
export type AccessToken = () => string | Promise<string>;

/** The least time between two refreshes because the window is looked at again. */
const REFRESH_AFTER_MS = 5_000;
const TOAST_MS = 5_000;

/** A custom element that shows a part of a project. */
export abstract class ConnectionsElement extends LitElement {
  static override properties: PropertyDeclarations = {
    baseUrl: { attribute: 'base-url' },
    projectId: { attribute: 'project-id' },
    accessToken: { attribute: false },
    lang: {},
    ...states('isOffline', 'toast'),
  };

  static override styles = [unsafeCSS(tokens), unsafeCSS(shared)];

  /** The address of the API, without a path. */
  baseUrl = '';
  projectId = '';
  /** Called for every request; the element keeps no token. */
  declare accessToken: AccessToken | undefined;
  /** `en` or `es`; the page's language unless given. */
  declare lang: string;
  protected isOffline: boolean = !navigator.onLine;
  private toast = '';

  #api: ProjectApi | undefined;
  #toastTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshedAt = Date.now();
  #disconnecting: AbortController | undefined;
  readonly #onLook = () => {
    if (document.visibilityState === 'visible' && Date.now() - this.#refreshedAt > REFRESH_AFTER_MS)
      this.#refresh();
  };
  readonly #onNetwork = () => {
    this.isOffline = !navigator.onLine;
    if (navigator.onLine) this.#refresh();
  };

  /** Loads again what is shown. */
  protected abstract refresh(): void;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#disconnecting = new AbortController();
    const { signal } = this.#disconnecting;
    document.addEventListener('visibilitychange', this.#onLook, { signal });
    addEventListener('focus', this.#onLook, { signal });
    addEventListener('online', this.#onNetwork, { signal });
    addEventListener('offline', this.#onNetwork, { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnecting?.abort();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('baseUrl') || changed.has('projectId')) this.#api = undefined;
  }

  /** The API of the project; undefined until the host has set what it takes. */
  protected get api(): ProjectApi | undefined {
    if (!this.accessToken || !this.projectId) return undefined;
    this.#api ??= new ProjectApi(
      createClient({
        baseUrl: this.baseUrl || location.origin,
        accessToken: () => this.accessToken?.() ?? '',
      }),
      this.projectId,
    );
    return this.#api;
  }

  protected get locale(): Locale {
    return localeOf(this.lang || document.documentElement.lang || navigator.language);
  }

  protected send<T>(type: string, detail: T): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /** Shows a sentence for a few seconds, which screen readers read out. */
  protected announce(text: string): void {
    clearTimeout(this.#toastTimer);
    this.toast = text;
    this.#toastTimer = setTimeout(() => {
      this.toast = '';
    }, TOAST_MS);
  }

  protected renderToast(): TemplateResult {
    return html`<div class="toast" role="status">${this.toast ? html`<span>${this.toast}</span>` : nothing}</div>`;
  }

  /** The notice that what is shown is not current; nothing where it is. */
  protected renderStale(loadedAt: Date | undefined, error: unknown): TemplateResult | typeof nothing {
    if (!loadedAt || !(this.isOffline || error)) return nothing;
    const { text, clock } = this.locale;
    const since = clock(loadedAt);
    return html`<div class="message warning stale" role="status">
      ${icon('warning')}
      <span class="text">${this.isOffline ? text.offlineStale(since) : text.stale(since)}</span>
      ${this.isOffline ? nothing : this.renderRetry()}
    </div>`;
  }

  /** In place of what could not be loaded: the whole page, or what stands below its heading. */
  protected renderFailure(error: unknown, { isPage = false } = {}): TemplateResult {
    const { text } = this.locale;
    const blank = (title: string, reason: string) => renderBlank(title, reason, { isPage });
    if (hasCode(error, 'project_not_found')) return blank(text.outsiderTitle, text.outsiderText);
    if (hasCode(error, 'connection_not_found')) return blank(text.notFoundTitle, text.notFoundText);
    if (error instanceof ProblemError && error.status === 401)
      return blank(text.signInTitle, text.signInText);
    const reason = this.isOffline ? text.offline : problemText(error, text);
    return renderBlank(text.failedTitle, reason, { isPage, action: this.renderRetry() });
  }

  private renderRetry(): TemplateResult {
    return html`<wa-button size="s" appearance="outlined" @click=${() => this.#refresh()}>
      ${this.locale.text.tryAgain}
    </wa-button>`;
  }

  #refresh(): void {
    this.#refreshedAt = Date.now();
    this.refresh();
  }
}

/** In place of a table that has nothing to show. */
export function renderBlank(
  title: string,
  text: string,
  { action, isPage = false }: { readonly action?: TemplateResult; readonly isPage?: boolean } = {},
): TemplateResult {
  return html`<div class="blank">
    ${isPage ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`}
    <p>${text}</p>
    ${action ?? nothing}
  </div>`;
}
