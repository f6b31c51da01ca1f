import { Task } from '@lit/task';
import { html, nothing, type PropertyDeclarations, type TemplateResult, unsafeCSS } from 'lit';
import type { Connection } from '../../client/index.ts';
import type { ProjectApi } from '../api.ts';
import { states } from '../states.ts';
import '../components.ts';
import { ConnectionsElement } from '../element.ts';
import { icon } from '../icons.ts';
import type { Locale } from '../locale.ts';
import styles from './notices.css?inline';

/** A connection that needs attention, with the flows that wait for it. */
interface Notice {
  readonly connection: Connection;
  readonly flows: readonly string[];
}

export interface Notices {
  readonly stopped: readonly Notice[];
  readonly stoppedCount: number;
  readonly expiring: readonly Notice[];
  readonly hasMoreExpiring: boolean;
}

/** The most connections of a kind, and the most flows of a connection, that are named. */
const NAMED_LIMIT = 3;

/** Loads the connections that stopped or end soon, and the names of their flows. */
export async function loadNotices(api: ProjectApi, signal?: AbortSignal): Promise<Notices> {
  const [stopped, expiring] = await Promise.all([
    api.connections({ status: 'inactive', limit: NAMED_LIMIT }, signal),
    api.connections({ expiring: 'true', limit: NAMED_LIMIT }, signal),
  ]);
  const withFlows = (connections: readonly Connection[]) =>
    Promise.all(
      connections.map(async (connection) => ({
        connection,
        flows: await flowNames(api, connection, signal),
      })),
    );
  const [stoppedNotices, expiringNotices] = await Promise.all([
    withFlows(stopped.items),
    withFlows(expiring.items),
  ]);
  return {
    stopped: stoppedNotices,
    stoppedCount: stopped.counts.inactive,
    expiring: expiringNotices,
    hasMoreExpiring: expiring.nextCursor !== null,
  };
}

async function flowNames(api: ProjectApi, { id, flowCount }: Connection, signal?: AbortSignal) {
  if (flowCount === 0) return [];
  const { items } = await api.flows({ connectionId: id, limit: NAMED_LIMIT }, signal);
  return items.map(({ name }) => name);
}

export interface NoticeActions {
  readonly mayReconnect: boolean;
  readonly onReconnect: (connection: Connection) => void;
  readonly onShowStopped: () => void;
}

/** Draws the notices; nothing where every connection works. */
export function renderNotices(
  notices: Notices,
  locale: Locale,
  actions: NoticeActions,
): TemplateResult | typeof nothing {
  const { stopped, stoppedCount, expiring, hasMoreExpiring } = notices;
  const { text, number } = locale;
  if (stopped.length === 0 && expiring.length === 0) return nothing;
  return html`<section class="notices" aria-label=${text.notices}>
    ${
      stopped.length === 0
        ? nothing
        : renderGroup(
            'danger',
            text.stopped(stoppedCount, number(stoppedCount)),
            stopped,
            locale,
            actions,
            stoppedCount > stopped.length,
          )
    }
    ${
      expiring.length === 0
        ? nothing
        : renderGroup(
            'warning',
            text.expiring(expiring.length, `${number(expiring.length)}${hasMoreExpiring ? '+' : ''}`),
            expiring,
            locale,
            actions,
            hasMoreExpiring,
          )
    }
  </section>`;
}

function renderGroup(
  kind: 'danger' | 'warning',
  heading: string,
  notices: readonly Notice[],
  locale: Locale,
  actions: NoticeActions,
  hasMore: boolean,
): TemplateResult {
  const list = html`<ul>${notices.map((notice) => renderNotice(kind, notice, locale, actions))}</ul>`;
  return html`<div class="message ${kind}">
    ${icon(kind === 'danger' ? 'warning' : 'clock')}
    <div class="text">
      ${
        // One line where there are many, so that the table stays in sight.
        hasMore
          ? html`<details>
              <summary><strong>${heading}</strong></summary>
              ${list}
              ${
                kind === 'danger'
                  ? html`<button class="link" @click=${actions.onShowStopped}>${locale.text.showThem}</button>`
                  : nothing
              }
            </details>`
          : html`<strong>${heading}</strong>${list}`
      }
    </div>
  </div>`;
}

function renderNotice(
  kind: 'danger' | 'warning',
  { connection, flows }: Notice,
  locale: Locale,
  { mayReconnect, onReconnect }: NoticeActions,
): TemplateResult {
  const { text, list, number, date } = locale;
  const more = connection.flowCount - flows.length;
  const rest = flows.length === 0 ? text.flowCount(more, number(more)) : text.andMore(number(more));
  const named = more > 0 ? [...flows, rest] : flows;
  const effect = kind === 'danger' ? text.holdsUp : text.willHoldUp;
  return html`<li>
    <span class="what">
      <b>${connection.name}</b>${
        kind === 'warning' && connection.expiresAt
          ? html` · ${text.endsOn(date(connection.expiresAt))}`
          : nothing
      }
      <span class="quiet">${named.length === 0 ? text.usedByNoFlow : effect(list(named))}</span>
    </span>
    ${
      mayReconnect
        ? html`<button
            class="link"
            aria-label=${text.reconnectNamed(connection.name)}
            @click=${() => onReconnect(connection)}
          >${text.reconnect}</button>`
        : nothing
    }
  </li>`;
}

/**
 * The connections of a project that stopped or end soon, with the flows they hold up; empty where all is well. The
 * connections page has them already.
 *
 * @fires reconnectrequest - with the connection that an administrator wants to reconnect
 */
export class ConnectionNotices extends ConnectionsElement {
  static override properties: PropertyDeclarations = states('notices', 'mayReconnect');
  static override styles = [...ConnectionsElement.styles, unsafeCSS(styles)];

  declare private notices: Notices | undefined;
  declare private mayReconnect: boolean;

  readonly #load = new Task(this, {
    args: () => [this.api] as const,
    task: async ([api], { signal }) =>
      api ? Promise.all([loadNotices(api, signal), api.role(signal)]) : undefined,
    onComplete: (loaded) => {
      this.notices = loaded?.[0];
      this.mayReconnect = loaded?.[1] === 'administrator';
    },
  });

  protected override refresh(): void {
    void this.#load.run();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.notices) return nothing;
    return renderNotices(this.notices, this.locale, {
      mayReconnect: this.mayReconnect,
      onReconnect: (connection) => this.send('reconnectrequest', connection),
      onShowStopped: () => this.send('showstopped', undefined),
    });
  }
}
