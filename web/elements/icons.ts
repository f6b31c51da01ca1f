import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import { html, svg, type TemplateResult } from 'lit';

/** The paths of each icon, on a canvas of 16 by 16, drawn as strokes. */
const PATHS = {
  reconnect: [
    'M13.5 3v3.5H10',
    'M2.5 13V9.5H6',
    'M13.2 6.5A5.5 5.5 0 0 0 3.4 5',
    'M2.8 9.5a5.5 5.5 0 0 0 9.8 1.5',
  ],
  rename: ['M10.8 2.7l2.5 2.5L5.5 13l-3 .5.5-3z', 'M9.3 4.2l2.5 2.5'],
  search: ['M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10z', 'M10.8 10.8L14 14'],
  warning: ['M8 2.2L14.5 13.5h-13z', 'M8 6.5v3', 'M8 11.4v.1'],
  clock: ['M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z', 'M8 4.8V8l2.2 1.6'],
  check: ['M3 8.5l3.2 3.2L13 4.8'],
  close: ['M4 4l8 8', 'M12 4l-8 8'],
  up: ['M4 10l4-4 4 4'],
  down: ['M4 6l4 4 4-4'],
  previous: ['M10 4L6 8l4 4'],
  next: ['M6 4l4 4-4 4'],
  external: ['M6.5 3.5h-3v9h9v-3', 'M9.5 2.5h4v4', 'M13.2 2.8L7.5 8.5'],
  info: ['M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z', 'M8 7.3V11', 'M8 5v.1'],
  plus: ['M8 3v10', 'M3 8h10'],
  eye: ['M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z', 'M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z'],
  eyeSlash: [
    'M2.5 2.5l11 11',
    'M6.2 3.8A6 6 0 0 1 8 3.5c4 0 6.5 4.5 6.5 4.5l-1.7 2.2',
    'M10.4 12A6.4 6.4 0 0 1 8 12.5C4 12.5 1.5 8 1.5 8l2.7-2.9',
  ],
} as const;

export type IconName = keyof typeof PATHS;

/** Draws an icon that a text beside it explains. */
export function icon(name: IconName): TemplateResult {
  const paths = PATHS[name].map((d) => svg`<path d=${d} />`);
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${paths}</svg>`;
}

/** The icons that Web Awesome's components ask for by names of their own. */
const SYSTEM_ICONS: Readonly<Record<string, IconName>> = {
  xmark: 'close',
  'circle-xmark': 'close',
  'chevron-down': 'down',
  check: 'check',
  eye: 'eye',
  'eye-slash': 'eyeSlash',
};

/**
 * Draws them in place. Web Awesome would fetch each, from a `data:` URL or a content delivery network, which a
 * strict content security policy forbids.
 */
registerIconLibrary('system', {
  spriteSheet: true,
  resolver: (name) => `#${name}`,
  mutator(element, host) {
    const paths = PATHS[SYSTEM_ICONS[host?.name ?? ''] ?? 'info'].map((d) => {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', d);
      return path;
    });
    element.setAttribute('viewBox', '0 0 16 16');
    for (const [name, value] of STROKES) element.setAttribute(name, value);
    element.replaceChildren(...paths);
  },
});

const STROKES = [
  ['fill', 'none'],
  ['stroke', 'currentColor'],
  ['stroke-width', '1.6'],
  ['stroke-linecap', 'round'],
  ['stroke-linejoin', 'round'],
] as const;
