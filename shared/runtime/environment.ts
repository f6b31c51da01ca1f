import * as z from 'zod/mini';
import type { TrustedIssuer } from '../contract/http/authorizers.ts';
import type { EnvironmentVariable } from '../domain/terms.ts';

/**
 * Reads an environment variable at first use, since no function has all of them.
 *
 * @throws Error naming the variable when it is not set.
 */
export function setting(name: EnvironmentVariable): string {
  const value = optionalSetting(name);
  if (value === undefined) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** Reads an environment variable that may be missing; an empty one counts as missing. */
export function optionalSetting(name: EnvironmentVariable): string | undefined {
  return process.env[name] || undefined;
}

/** Reads an environment variable that holds a JSON object of strings; empty if the variable is missing. */
export function recordSetting(name: EnvironmentVariable): Readonly<Record<string, string>> {
  return z.parse(z.record(z.string(), z.string()), JSON.parse(optionalSetting(name) ?? '{}'));
}

/** Reads an environment variable that holds a JSON object of numbers; empty if the variable is missing. */
export function numbersSetting(name: EnvironmentVariable): Readonly<Record<string, number>> {
  return z.parse(z.record(z.string(), z.number()), JSON.parse(optionalSetting(name) ?? '{}'));
}

/** Reads an environment variable that holds a JSON array of issuers. */
export function issuersSetting(name: EnvironmentVariable): readonly TrustedIssuer[] {
  const issuer = z.object({
    issuer: z.string(),
    audience: z.array(z.string()),
    accessTokenType: z.optional(z.literal('at+jwt')),
  });
  return z.parse(z.array(issuer), JSON.parse(setting(name)));
}

/** Writes a line to the output itself: Lambda would wrap what is logged through the console. */
export function writeLine(text: string): void {
  process.stdout.write(`${text}\n`);
}
