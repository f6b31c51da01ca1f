import { html, type TemplateResult } from 'lit';
import type { ConsoleMessages } from './messages.ts';

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Draws the request that a platform would send. */
export function renderApiCall(text: ConsoleMessages, { method, path, body }: ApiCall): TemplateResult {
  return html`<div class="api-call">
    <span class="visually-hidden">${text.apiCall}:</span>
    <code><b>${method}</b> ${path} <span>${JSON.stringify(body)}</span></code>
  </div>`;
}
