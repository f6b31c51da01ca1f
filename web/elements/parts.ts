import { html, nothing, type TemplateResult } from 'lit';
import type { Connection } from '../client/index.ts';
import type { Locale } from './locale.ts';

/** Puts values into the parameters of an address: `/flows?connection={connectionId}`. */
export function fillAddress(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

/** Draws a provider's icon, whose name stands beside it. */
export function providerIcon(iconUrl: string | undefined, size: '' | 'small' = ''): TemplateResult {
  return html`<span class="provider-icon ${size}">
    ${iconUrl ? html`<img src=${iconUrl} alt="" loading="lazy" width="18" height="18" />` : nothing}
  </span>`;
}

export function statusPill(status: Connection['status'], { text }: Locale): TemplateResult {
  return html`<span class="status ${status}">${text[status]}</span>`;
}

/** Shows a time in the reader's zone. */
export function timeOf(
  iso: string | null | undefined,
  locale: Locale,
  otherwise = '',
): TemplateResult | string {
  return iso ? html`<time datetime=${iso}>${locale.dateTime(iso)}</time>` : otherwise;
}

/** Why a connection needs attention, in words; nothing where it does not. */
export function attentionText(connection: Connection, { text, date }: Locale): string | undefined {
  if (connection.statusReason) return text.reasons[connection.statusReason.code];
  return connection.expiresSoon && connection.expiresAt ? text.endsOn(date(connection.expiresAt)) : undefined;
}

/** Stands for a text that is loading. The widths repeat, so that a skeleton looks the same each time. */
export function placeholder(index: number): TemplateResult {
  return html`<span class="bar w${index % 4}"></span>`;
}
