import { html, nothing, type TemplateResult } from 'lit';
import type { HistoryEntry } from '../../client/index.ts';
import type { Locale } from '../locale.ts';
import { timeOf } from '../parts.ts';

/** Draws the history of a connection, newest first. */
export function renderTimeline(entries: readonly HistoryEntry[], locale: Locale): TemplateResult {
  return html`<ol class="timeline">${entries.map((entry) => renderEntry(entry, locale))}</ol>`;
}

function renderEntry(entry: HistoryEntry, locale: Locale): TemplateResult {
  const { text } = locale;
  const actor = entry.actor.type === 'user' ? entry.actor.id : text.system;
  const change = changeText(entry, locale);
  return html`<li class=${kindOf(entry)}>
    <div class="event">
      <strong>${headingOf(entry, locale)}</strong>${change ? html` <span class="change">${change}</span>` : nothing}
      ${entry.reason ? html`<span class="reason">${text.entryReasons[entry.reason]}</span>` : nothing}
    </div>
    <div class="quiet">${timeOf(entry.at, locale)} · ${actor}</div>
  </li>`;
}

function headingOf({ type, to }: HistoryEntry, { text }: Locale): string {
  if (type !== 'status_changed') return text.events[type];
  return to?.status === 'active' ? text.becameActive : text.becameInactive;
}

/** The changed values in words. */
function changeText({ type, from, to }: HistoryEntry, { text, date }: Locale): string | undefined {
  if (type === 'renamed' && from?.name && to?.name) return text.fromTo(from.name, to.name);
  if (type === 'expiring' && to?.expiresAt) return text.endsOn(date(to.expiresAt));
  const account = from?.account && to?.account && from.account !== to.account;
  if (account && from.account && to.account) return text.fromTo(from.account, to.account);
  const use = type === 'unlinked' ? from : to;
  return use?.flowId && use.stepId ? text.ofFlow(use.flowId, use.stepId) : undefined;
}

function kindOf({ type, to }: HistoryEntry): 'good' | 'bad' | 'notable' | 'plain' {
  if (type === 'reconnect_failed' || to?.status === 'inactive') return 'bad';
  if (type === 'expiring') return 'notable';
  return type === 'created' || type === 'reconnected' || to?.status === 'active' ? 'good' : 'plain';
}
