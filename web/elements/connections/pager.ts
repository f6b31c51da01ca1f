import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import type { Locale } from '../locale.ts';

export interface Pager {
  readonly locale: Locale;
  /** The position of the first item; undefined where the user came by a link to a later page. */
  readonly from: number | undefined;
  readonly shown: number;
  /** Undefined where the API does not count: the hits of a search. */
  readonly total: number | undefined;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onPrevious: () => void;
  readonly onNext: () => void;
}

export function renderPager({
  locale,
  from,
  shown,
  total,
  isFirst,
  isLast,
  onPrevious,
  onNext,
}: Pager): TemplateResult {
  const { text, number } = locale;
  const range =
    from === undefined || total === undefined || shown === 0
      ? nothing
      : text.range(number(from), number(from + shown - 1), number(total));
  if (isFirst && isLast) return html`<div class="pager"><span class="quiet">${range}</span></div>`;
  return html`<nav class="pager" aria-label=${text.pages}>
    <span class="quiet" role="status">${range}</span>
    <wa-button size="s" appearance="outlined" ?disabled=${isFirst} @click=${onPrevious}>
      ${icon('previous')}&nbsp;${from === undefined ? text.firstPage : text.previousPage}
    </wa-button>
    <wa-button size="s" appearance="outlined" ?disabled=${isLast} @click=${onNext}>
      ${shown === 0 ? text.searchOn : text.nextPage}&nbsp;${icon('next')}
    </wa-button>
  </nav>`;
}
