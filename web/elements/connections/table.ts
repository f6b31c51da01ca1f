import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Connection } from '../../client/index.ts';
import type { SortKey, SortOrder } from '../api.ts';
import { icon } from '../icons.ts';
import type { Locale } from '../locale.ts';
import { attentionText, fillAddress, placeholder, providerIcon, statusPill, timeOf } from '../parts.ts';

export interface ConnectionTable {
  /** Undefined while they are loading. */
  readonly connections: readonly Connection[] | undefined;
  readonly locale: Locale;
  readonly mayChange: boolean;
  readonly sort: SortKey;
  readonly order: SortOrder;
  readonly detailsUrl: string;
  readonly flowsUrl: string;
  readonly onSort: (sort: SortKey) => void;
  readonly onReconnect: (connection: Connection) => void;
  readonly onRename: (connection: Connection) => void;
}

/** Rows of a skeleton. */
const SKELETON_ROWS = 8;

/** The roles are written out, since a narrow window shows each row as a card and `display` would remove them. */
export function renderTable(table: ConnectionTable): TemplateResult {
  const { connections, locale, mayChange } = table;
  const { text } = locale;
  return html`<table role="table" aria-label=${text.connections}>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">${text.provider}</th>
        ${renderSortable('name', text.name, table)}
        <th role="columnheader" scope="col">${text.status}</th>
        <th role="columnheader" scope="col" class="number">${text.flows}</th>
        ${renderSortable('connectedAt', text.connectedOn, table)}
        ${mayChange || !connections ? html`<th role="columnheader" scope="col" class="actions">${text.actions}</th>` : nothing}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${
        connections
          ? repeat(
              connections,
              ({ id }) => id,
              (connection) => renderRow(connection, table),
            )
          : Array.from({ length: SKELETON_ROWS }, (_, index) => renderSkeleton(index))
      }
    </tbody>
  </table>`;
}

function renderSortable(
  key: SortKey,
  label: string,
  { sort, order, onSort, locale }: ConnectionTable,
): TemplateResult {
  const isSorted = sort === key;
  const direction = order === 'asc' ? 'ascending' : 'descending';
  return html`<th role="columnheader" scope="col" class=${key} aria-sort=${isSorted ? direction : 'none'}>
    <button class="sort" title=${locale.text.sortedBy(label)} @click=${() => onSort(key)}>
      ${label}<span class="direction ${isSorted ? '' : 'unsorted'}">${icon(isSorted && order === 'asc' ? 'up' : 'down')}</span>
    </button>
  </th>`;
}

function renderRow(connection: Connection, table: ConnectionTable): TemplateResult {
  const { locale, mayChange, detailsUrl, flowsUrl } = table;
  const { text, number } = locale;
  const { id, name, provider, status, flowCount, connectedAt } = connection;
  const attention = attentionText(connection, locale);
  const flows = number(flowCount);
  return html`<tr role="row" class=${status}>
    <td role="cell" class="provider">
      <span class="with-icon">${providerIcon(provider.iconUrl)}<span>${provider.name}</span></span>
    </td>
    <td role="cell" class="name">
      ${detailsUrl ? html`<a class="title" href=${fillAddress(detailsUrl, { connectionId: id })}>${name}</a>` : html`<span class="title">${name}</span>`}
      ${attention ? html`<span class="attention ${status}">${attention}</span>` : nothing}
    </td>
    <td role="cell" class="state">${statusPill(status, locale)}</td>
    <td role="cell" class="number">
      <span class="label" aria-hidden="true">${text.flows}</span>
      ${
        flowsUrl
          ? html`<a href=${fillAddress(flowsUrl, { connectionId: id })} aria-label=${text.flowsOf(flows, name)}>${flows}</a>`
          : flows
      }
    </td>
    <td role="cell" class="when">
      <span class="label" aria-hidden="true">${text.connectedOn}</span>
      ${timeOf(connectedAt, locale)}
    </td>
    ${mayChange ? html`<td role="cell" class="actions">${renderActions(connection, table)}</td>` : nothing}
  </tr>`;
}

function renderActions(
  connection: Connection,
  { locale, onReconnect, onRename }: ConnectionTable,
): TemplateResult {
  const { text } = locale;
  return html`<button
      class="action ${connection.status}"
      data-label=${text.reconnect}
      aria-label=${text.reconnectNamed(connection.name)}
      @click=${() => onReconnect(connection)}
    >${icon('reconnect')}</button>
    <button
      class="action"
      data-label=${text.rename}
      aria-label=${text.renameNamed(connection.name)}
      @click=${() => onRename(connection)}
    >${icon('rename')}</button>`;
}

function renderSkeleton(index: number): TemplateResult {
  return html`<tr role="row" class="skeleton" aria-hidden="true">
    <td role="cell" class="provider"><span class="with-icon"><span class="provider-icon"></span>${placeholder(index)}</span></td>
    <td role="cell" class="name">${placeholder(index + 2)}</td>
    <td role="cell" class="state">${placeholder(0)}</td>
    <td role="cell" class="number">${placeholder(0)}</td>
    <td role="cell" class="when">${placeholder(3)}</td>
    <td role="cell" class="actions"></td>
  </tr>`;
}
