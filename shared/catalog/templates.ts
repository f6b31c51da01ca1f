const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9_.-]*)\}/g;

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
