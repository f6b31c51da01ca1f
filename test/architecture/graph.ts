import type { Source } from './source.ts';

/** A cycle of imports, types included, as the files it goes through; undefined where there is none. */
export function findCycle(sources: readonly Source[]): readonly string[] | undefined {
  const targets = new Map(sources.map(({ path, imports }) => [path, imports.map(({ to }) => to)]));
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    done.add(file);
    for (const target of targets.get(file) ?? []) {
      const cycle = visit(target, [...trail, file]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const { path } of sources) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The files that no root leads to. */
export function orphans(sources: readonly Source[], isRoot: (path: string) => boolean): readonly string[] {
  const targets = new Map(sources.map(({ path, imports }) => [path, imports.map(({ to }) => to)]));
  const reached = new Set<string>();
  const open = sources.map(({ path }) => path).filter(isRoot);
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    open.push(...(targets.get(file) ?? []));
  }
  return sources.map(({ path }) => path).filter((path) => !reached.has(path));
}

/** The exported values that no other file imports, as `file: name`. */
export function unusedExports(sources: readonly Source[]): readonly string[] {
  const used = new Set(
    sources.flatMap(({ imports }) =>
      imports.flatMap(({ to, names }) => names.map((name) => `${to}: ${name}`)),
    ),
  );
  return sources.flatMap(({ path, exports }) =>
    used.has(`${path}: *`) ? [] : exports.map((name) => `${path}: ${name}`).filter((name) => !used.has(name)),
  );
}
