import type { Settings } from './settings.ts';

/** Names that RFC 2606 reserves for documentation and tests: nobody can own them. */
const RESERVED = /(^|[@/.])example\.(com|net|org)\b|\.(example|invalid|test)\b/i;

/** A setting that a deployment accepts, and that cannot be what its author wants. */
export interface Placeholder {
  /** Path of the setting: `allowedOrigins.0`. */
  readonly setting: string;
  /** One sentence for the author of the settings. */
  readonly text: string;
}

/** Returns the placeholders in the settings of a stage: reserved names, and a kept stage whose alarms notify nobody. */
export function placeholdersOf(settings: Settings): readonly Placeholder[] {
  const reserved = textsOf(settings, [])
    .filter(({ text }) => RESERVED.test(text))
    .map(({ path, text }) => ({
      setting: path,
      text: `${path} of stage ${settings.stage} is a placeholder: ${text}`,
    }));
  if (settings.whenDeleted !== 'keep' || settings.alarmEmails.length > 0) return reserved;
  const text = `alarmEmails of stage ${settings.stage} is empty: its alarms notify nobody`;
  return [...reserved, { setting: 'alarmEmails', text }];
}

/** Lists every text in a value, with its path. */
function textsOf(
  value: unknown,
  path: readonly string[],
): readonly { readonly path: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ path: path.join('.'), text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, [...path, key]));
}
