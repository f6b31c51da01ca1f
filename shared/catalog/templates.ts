const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9_.-]*)\}/g;

type Values = Readonly<Record<string, string>>;

/** Lists the names in braces of a template, in order. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

/** Replaces each name by its value; undefined when one of them has none. */
export function fill(template: string, lookUp: (name: string) => string | undefined): string | undefined {
  let complete = true;
  const filled = template.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = lookUp(name);
    if (value === undefined || value === '') complete = false;
    return value ?? '';
  });
  return complete ? filled : undefined;
}

/** Fills several templates by name; those that lack a value are left out. */
export function fillAll(
  templates: Values = {},
  lookUp: (name: string) => string | undefined,
): Record<string, string> {
  const filled = Object.entries(templates).flatMap(([name, template]) => {
    const value = fill(template, lookUp);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(filled);
}

/**
 * Compiles the inverse of `fill`: a function that returns the value of each name in a text, or undefined
 * where the text does not match the template. `value` is the regular expression that each value matches.
 */
export function compileMatcher(template: string, value = '.+?'): (text: string) => Values | undefined {
  const names = placeholders(template);
  const constants = template.split(PLACEHOLDER).filter((_, index) => index % 2 === 0);
  const pattern = new RegExp(`^${constants.map(escapePattern).join(`(${value})`)}$`, 's');
  return (text) => {
    const match = pattern.exec(text);
    return match === null
      ? undefined
      : mergeValues(names.map((name, index) => [name, match[index + 1] ?? '']));
  };
}

/** Merges values by name; undefined where one name has two values. */
export function mergeValues(values: readonly (readonly [name: string, value: string])[]): Values | undefined {
  const merged = new Map<string, string>();
  for (const [name, value] of values) {
    if (merged.has(name) && merged.get(name) !== value) return undefined;
    merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
