/** The settings of a function, by the variables of its environment. */
export type Variable =
  | 'TABLE_NAME'
  | 'CHECKS_QUEUE_URL'
  | 'SECRETS_PREFIX'
  | 'SECRETS_KMS_KEY_ID'
  /** Where provider calls go instead, as `<url>/<host>/<path>`: in local mode the sandbox. */
  | 'PROVIDERS_ENDPOINT_URL'
  | 'EVENT_BUS_NAME'
  /** The topic of notices to people. */
  | 'NOTICES_TOPIC_ARN';

/**
 * A setting, read when it is first needed: no function has them all.
 *
 * @throws Error naming the variable.
 */
export function setting(name: Variable): string {
  const value = optionalSetting(name);
  if (value === undefined) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** A setting that may be left out. */
export function optionalSetting(name: Variable): string | undefined {
  return process.env[name] || undefined;
}
