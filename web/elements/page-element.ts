import { Task, TaskStatus } from '@lit/task';
import { html, type PropertyDeclarations, type PropertyValues, type TemplateResult, unsafeCSS } from 'lit';
import type { Connection } from '../client/index.ts';
import type { ProjectApi } from './api.ts';
import type { ConnectDialog } from './connect/connect-dialog.ts';
import type { RenameDialog } from './connect/rename-dialog.ts';
import { ConnectionsElement } from './element.ts';
import page from './styles/page.css?inline';

/**
 * An element that loads what it shows, and goes on showing it while it loads again. Its dialogs stand above the page.
 *
 * @fires connected - with the new connection
 * @fires reconnected - with the connection
 * @fires renamed - with the connection
 */
export abstract class PageElement<Loaded> extends ConnectionsElement {
  static override properties: PropertyDeclarations = { loaded: { state: true } };
  static override styles = [...ConnectionsElement.styles, unsafeCSS(page)];

  declare protected loaded: Loaded | undefined;

  readonly #load = new Task(this, {
    args: () => {
      const values = [...this.subject, ...this.filters].map((name): unknown => Reflect.get(this, name));
      return [this.api, ...values] as const;
    },
    task: async ([api], { signal }) => (api ? this.load(api, signal) : undefined),
    onComplete: (loaded) => {
      this.loaded = loaded;
    },
    onError: (error) => this.onLoadError(error),
  });

  /** Names of the properties that say what is shown: when one changes, nothing of the former stays. */
  protected abstract readonly subject: readonly string[];
  /** Names of the properties with whose change the page loads again, and shows the former meanwhile. */
  protected readonly filters: readonly string[] = [];

  protected abstract load(api: ProjectApi, signal: AbortSignal): Promise<Loaded | undefined>;

  protected onLoadError(_error: unknown): void {
    // The page shows the error.
  }

  protected get loadError(): unknown {
    return this.#load.error;
  }

  protected get isPending(): boolean {
    return this.#load.status === TaskStatus.PENDING;
  }

  protected override refresh(): void {
    void this.#load.run();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (this.subject.some((name) => changed.has(name))) this.loaded = undefined;
  }

  /** The page in place of what could not be loaded; undefined where something is loaded, or still loads. */
  protected renderUnloaded(options?: { readonly isPage: boolean }): TemplateResult | undefined {
    if (this.loaded || !(this.loadError || this.isOffline)) return undefined;
    return html`<div class="panel">${this.renderFailure(this.loadError, options)}</div>`;
  }

  protected get connectDialog(): ConnectDialog | null {
    return this.renderRoot.querySelector('connections-connect-dialog');
  }

  protected get renameDialog(): RenameDialog | null {
    return this.renderRoot.querySelector('connections-rename-dialog');
  }

  protected renderConnectDialog(onClosed?: () => void): TemplateResult {
    return html`<connections-connect-dialog
      .baseUrl=${this.baseUrl}
      .projectId=${this.projectId}
      .accessToken=${this.accessToken}
      .lang=${this.lang}
      @connected=${({ detail }: CustomEvent<Connection>) => this.onConnected(detail)}
      @reconnected=${({ detail }: CustomEvent<Connection>) => this.onReconnected(detail)}
      @dialogclosed=${onClosed}
    ></connections-connect-dialog>`;
  }

  protected renderRenameDialog(): TemplateResult {
    return html`<connections-rename-dialog
      .baseUrl=${this.baseUrl}
      .projectId=${this.projectId}
      .accessToken=${this.accessToken}
      .lang=${this.lang}
      @renaming=${({ detail }: CustomEvent<Connection>) => this.showConnection(detail)}
      @renamed=${({ detail }: CustomEvent<Connection>) => this.onRenamed(detail)}
    ></connections-rename-dialog>`;
  }

  /** Shows a connection as it is now, before the page has loaded again. */
  protected showConnection(_connection: Connection): void {
    // A page that shows no connection has nothing to replace.
  }

  protected onConnected({ name }: Connection): void {
    this.announce(this.locale.text.connected(name));
    this.refresh();
  }

  protected onReconnected(connection: Connection): void {
    this.showConnection(connection);
    this.announce(this.locale.text.reconnected(connection.name));
    this.refresh();
  }

  protected onRenamed(connection: Connection): void {
    this.showConnection(connection);
    this.announce(this.locale.text.renamed(connection.name));
  }
}
