import { html, nothing, type TemplateResult } from 'lit';
import type { Connection, Provider } from '../../client/index.ts';
import type { Locale } from '../locale.ts';
import { timeOf } from '../parts.ts';

/** Fields that the API may have beside its document: when the engine last used the connection. */
interface LaterFields {
  readonly lastUsedAt?: string | null;
}

/** Draws what is known of a connection. */
export function renderFacts(
  connection: Connection & LaterFields,
  provider: Provider | undefined,
  locale: Locale,
): TemplateResult {
  const { text } = locale;
  const { lastCheck } = connection;
  const checked = lastCheck
    ? html`${timeOf(lastCheck.at, locale)}<span class="quiet">${text.outcomes[lastCheck.outcome]}</span>`
    : timeOf(connection.lastCheckedAt, locale, text.never);
  const scopes = scopesOf(provider);
  return html`<dl>
    ${fact(text.account, connection.account?.label ?? text.unknown)}
    ${fact(text.connectedOn, html`${timeOf(connection.connectedAt, locale)}<span class="quiet">${text.by(connection.createdBy)}</span>`)}
    ${connection.reconnectedAt ? fact(text.reconnectedOn, timeOf(connection.reconnectedAt, locale)) : nothing}
    ${fact(text.statusSince[connection.status], timeOf(connection.statusSince, locale))}
    ${fact(text.lastCheck, checked)} ${fact(text.nextCheck, timeOf(connection.nextCheckAt, locale, text.unknown))}
    ${'lastUsedAt' in connection ? fact(text.lastUsed, timeOf(connection.lastUsedAt, locale, text.never)) : nothing}
    ${connection.expiresAt ? fact(text.ends, timeOf(connection.expiresAt, locale)) : nothing}
    ${scopes.length > 0 ? fact(text.permissions, html`<ul class="scopes">${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>`) : nothing}
  </dl>`;
}

function fact(label: string, value: unknown): TemplateResult {
  return html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
}

function scopesOf(provider: Provider | undefined): readonly string[] {
  const auth = provider?.auth;
  if (!auth || !('scopes' in auth) || !Array.isArray(auth.scopes)) return [];
  return auth.scopes.filter((scope) => typeof scope === 'string');
}
