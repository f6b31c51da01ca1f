/** Writes `shared/catalog/icons.json`: `node local/catalog/extract-icons.ts`, after adding a provider. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as z from 'zod/mini';
import { entries } from '../../shared/catalog/entries.ts';

/** Shown at this size, in CSS pixels; an SVG without a size of its own would fill its container. */
const SIZE = 32;

const iconSet = z.object({
  width: z.optional(z.number()),
  height: z.optional(z.number()),
  icons: z.record(
    z.string(),
    z.object({ body: z.string(), width: z.optional(z.number()), height: z.optional(z.number()) }),
  ),
});

/** Providers whose icon is not named as they are. Both sets are CC0. */
const named: Readonly<Record<string, readonly [set: string, icon: string]>> = {
  anthropic: ['logos', 'anthropic-icon'],
  asana: ['logos', 'asana-icon'],
  brevo: ['simple-icons', 'brevo'],
  calcom: ['simple-icons', 'caldotcom'],
  clickup: ['logos', 'clickup-icon'],
  'discord-bot': ['logos', 'discord-icon'],
  github: ['logos', 'github-icon'],
  gitlab: ['logos', 'gitlab-icon'],
  intercom: ['logos', 'intercom-icon'],
  linear: ['logos', 'linear-icon'],
  mailchimp: ['simple-icons', 'mailchimp'],
  monday: ['logos', 'monday-icon'],
  notion: ['logos', 'notion-icon'],
  openai: ['logos', 'openai-icon'],
  resend: ['logos', 'resend-icon'],
  sendgrid: ['logos', 'sendgrid-icon'],
  slack: ['logos', 'slack-icon'],
  'telegram-bot': ['logos', 'telegram'],
  twilio: ['logos', 'twilio-icon'],
  zendesk: ['logos', 'zendesk-icon'],
};

const require = createRequire(import.meta.url);
const sets = new Map<string, z.infer<typeof iconSet>>();

function setOf(name: string): z.infer<typeof iconSet> {
  const set =
    sets.get(name) ??
    iconSet.parse(JSON.parse(readFileSync(require.resolve(`@iconify-json/${name}/icons.json`), 'utf8')));
  sets.set(name, set);
  return set;
}

function svgOf(providerId: string): string {
  const [setName, iconName] = named[providerId] ?? ['logos', providerId];
  const set = setOf(setName);
  const icon = set.icons[iconName];
  if (icon === undefined) throw new Error(`no icon for ${providerId}: ${setName} has no ${iconName}`);
  const width = icon.width ?? set.width ?? 16;
  const height = icon.height ?? set.height ?? 16;
  const scale = SIZE / Math.max(width, height);
  const size = `width="${Math.round(width * scale)}" height="${Math.round(height * scale)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}">${icon.body}</svg>`;
}

const icons = Object.fromEntries(Object.keys(entries).map((id) => [id, svgOf(id)]));
const target = new URL('../../shared/catalog/icons.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(icons, null, 2)}\n`);
console.log(`${Object.keys(icons).length} icons written to shared/catalog/icons.json`);
