import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import { NAME_LIMIT, type ProjectApi, type Role } from '../elements/api.ts';
import { PageElement } from '../elements/page-element.ts';
import { problemText } from '../elements/problem-text.ts';
import { states } from '../elements/states.ts';
import styles from './builder.css?inline';
import type { ConsoleMessages } from './messages.ts';
import { listPath } from './routes.ts';

/**
 * The flows of a project, and the form for a new one.
 *
 * @fires flowcreated - with the address of the new flow
 */
class FlowsPage extends PageElement<Role> {
  static override properties: PropertyDeclarations = {
    text: { attribute: false },
    connectionId: {},
    ...states('isNaming', 'error'),
  };
  static override styles = [...PageElement.styles, unsafeCSS(styles)];

  declare text: ConsoleMessages;
  connectionId = '';
  private isNaming = false;
  private error = '';

  protected override readonly subject = ['projectId'];

  protected override load(api: ProjectApi, signal: AbortSignal): Promise<Role | undefined> {
    return api.role(signal);
  }

  protected override render(): TemplateResult {
    const { text } = this;
    return html`
      <header>
        <h1>${text.flows}</h1>
        ${this.loaded === 'administrator' ? this.#renderNew() : nothing}
      </header>
      ${this.loaded === 'member' ? html`<p class="message">${this.locale.text.membersMayNotConfigure}</p>` : nothing}
      ${this.error ? html`<p class="message danger" role="alert">${this.error}</p>` : nothing}
      <connections-flows
        .baseUrl=${this.baseUrl}
        .projectId=${this.projectId}
        .accessToken=${this.accessToken}
        .lang=${this.lang}
        .connectionId=${this.connectionId}
        .flowUrl=${`${listPath(this.projectId, 'flows')}/{flowId}`}
      ></connections-flows>
    `;
  }

  #renderNew(): TemplateResult {
    const { text } = this;
    if (!this.isNaming) {
      return html`<wa-button size="s" appearance="outlined" @click=${() => this.#startNaming()}>${text.newFlow}</wa-button>`;
    }
    return html`<form class="new-flow" @submit=${this.#onCreate}>
      <wa-input name="name" size="s" maxlength=${NAME_LIMIT} aria-label=${text.flowName} label=${text.flowName} autocomplete="off"></wa-input>
      <wa-button size="s" variant="brand" type="submit">${text.create}</wa-button>
      <wa-button size="s" appearance="outlined" @click=${() => this.#stopNaming()}>${text.cancel}</wa-button>
    </form>`;
  }

  async #startNaming(): Promise<void> {
    this.isNaming = true;
    await this.updateComplete;
    this.renderRoot.querySelector('wa-input')?.focus();
  }

  #stopNaming(): void {
    this.isNaming = false;
    this.error = '';
  }

  #onCreate = async (event: SubmitEvent) => {
    event.preventDefault();
    const name = this.renderRoot.querySelector('wa-input')?.value?.trim() ?? '';
    const { api } = this;
    if (!api || name === '') return;
    // A platform has ids of its own; this one only has to be new.
    const flowId = `${slugOf(name)}-${crypto.randomUUID().slice(0, 8)}`;
    try {
      await api.saveFlow(flowId, name);
      this.#stopNaming();
      this.send('flowcreated', `${listPath(this.projectId, 'flows')}/${flowId}`);
    } catch (error) {
      this.error = problemText(error, this.locale.text);
    }
  };
}

function slugOf(name: string): string {
  const plain = name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return plain.replaceAll(/^-+|-+$/g, '').slice(0, 40) || 'flow';
}

customElements.define('flows-page', FlowsPage);
