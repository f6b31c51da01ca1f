import type { PropertyDeclarations } from 'lit';

/** Declares properties that are state of an element alone: no attribute sets them. */
export function states(...names: readonly string[]): PropertyDeclarations {
  return Object.fromEntries(names.map((name) => [name, { state: true }]));
}
