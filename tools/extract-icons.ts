/**
 * Writes a provider's icon beside its entry: `node tools/extract-icons.ts <provider> [<set>:<icon>]
 * [<folder>]`. Without an icon's name it takes the provider's own. Both sets, `logos` and `simple-icons`, are
 * CC0.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { BUILT_IN_PROVIDERS } from '../shared/catalog/compile.ts';

/** CSS pixels of the longer side; an SVG without a size of its own would fill its container. */
const SIZE = 32;

const iconSet = z.object({
  width: z.optional(z.number()),
  height: z.optional(z.number()),
  icons: z.record(
    z.string(),
    z.object({ body: z.string(), width: z.optional(z.number()), height: z.optional(z.number()) }),
  ),
});

const require = createRequire(import.meta.url);

/** Returns an icon of a set as SVG; undefined where the set has none of this name. */
function readIcon(setName: string, iconName: string): string | undefined {
  const file = require.resolve(`@iconify-json/${setName}/icons.json`);
  const set = iconSet.parse(JSON.parse(readFileSync(file, 'utf8')));
  const icon = set.icons[iconName];
  if (icon === undefined) return undefined;
  const width = icon.width ?? set.width ?? 16;
  const height = icon.height ?? set.height ?? 16;
  const scale = SIZE / Math.max(width, height);
  const size = `width="${Math.round(width * scale)}" height="${Math.round(height * scale)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}">${icon.body}</svg>`;
}

const [provider = '', name, folder = BUILT_IN_PROVIDERS] = process.argv.slice(2);
if (!existsSync(join(folder, `${provider}.json`))) throw new Error(`${folder} has no ${provider}.json`);
const candidates = name
  ? [name]
  : [`logos:${provider}-icon`, `logos:${provider}`, `simple-icons:${provider}`];
const svg = candidates
  .map((candidate) => readIcon(candidate.split(':')[0] ?? '', candidate.split(':')[1] ?? ''))
  .find((found) => found !== undefined);
if (svg === undefined) throw new Error(`no icon named ${candidates.join(', ')}`);
writeFileSync(join(folder, `${provider}.svg`), `${svg}\n`);
