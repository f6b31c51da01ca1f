import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import type { Connection } from '../../client/index.ts';
import { NAME_LIMIT, type ProjectApi } from '../api.ts';
import { ConnectionsElement } from '../element.ts';
import { icon } from '../icons.ts';
import { problemText } from '../problem-text.ts';
import { states } from '../states.ts';
import '../components.ts';
import styles from './dialog.css?inline';

/**
 * Asks for a new name. The name changes at once where the dialog stands; the dialog comes back with the reason if
 * the API refuses it.
 *
 * @fires renaming - with the connection under its new name, and under its former one if that failed
 * @fires renamed - with the connection as the API responded
 */
export class RenameDialog extends ConnectionsElement {
  static override properties: PropertyDeclarations = states('connection', 'draft', 'isOpen', 'error');
  static override styles = [...ConnectionsElement.styles, unsafeCSS(styles)];

  declare private connection: Connection | undefined;
  private draft = '';
  private isOpen = false;
  private error = '';

  /** Resolves when the dialog has closed, which takes an animation. */
  #hidden = Promise.withResolvers<void>();

  open(connection: Connection): void {
    this.connection = connection;
    this.draft = connection.name;
    this.error = '';
    this.#show();
  }

  protected override refresh(): void {
    // Shows nothing that a refresh could change.
  }

  protected override render(): TemplateResult {
    const { text } = this.locale;
    return html`<wa-dialog
      label=${text.renameTitle}
      lang=${this.locale.language}
      ?open=${this.isOpen}
      @wa-after-show=${this.#focusName}
      @wa-after-hide=${this.#onHidden}
    >
      <form id="form" novalidate @submit=${this.#onSubmit}>
        ${this.error ? html`<div class="message danger" role="alert">${icon('warning')}<span class="text">${this.error}</span></div>` : nothing}
        <wa-input
          label=${text.newName}
          maxlength=${NAME_LIMIT}
          autocomplete="off"
          .value=${this.draft}
          @input=${this.#onInput}
        ></wa-input>
      </form>
      <div slot="footer" class="footer">
        <wa-button appearance="outlined" @click=${() => this.#close()}>${text.goBack}</wa-button>
        <wa-button variant="brand" type="submit" form="form">${text.save}</wa-button>
      </div>
    </wa-dialog>`;
  }

  #focusName = () => {
    const input = this.renderRoot.querySelector('wa-input');
    input?.focus();
    input?.select();
  };

  #onInput = (event: Event & { readonly currentTarget: { value?: string } }) => {
    this.draft = event.currentTarget.value ?? '';
  };

  #onSubmit = (event: Event) => {
    event.preventDefault();
    const name = this.draft.trim().normalize('NFC');
    const { api, connection } = this;
    if (!api || !connection) return;
    if (name === '') {
      this.error = this.locale.text.nameEmpty;
      this.#focusName();
      return;
    }
    this.#close();
    if (name !== connection.name) void this.#rename(api, connection, name);
  };

  async #rename(api: ProjectApi, connection: Connection, name: string): Promise<void> {
    this.send('renaming', { ...connection, name });
    try {
      this.send('renamed', await api.rename(connection.id, name));
    } catch (error) {
      this.send('renaming', connection);
      await this.#hidden.promise;
      this.error = problemText(error, this.locale.text, connection.provider.name);
      this.#show();
    }
  }

  #onHidden = () => {
    this.isOpen = false;
    this.#hidden.resolve();
  };

  #show(): void {
    this.#hidden = Promise.withResolvers();
    this.isOpen = true;
  }

  #close(): void {
    this.isOpen = false;
  }
}
