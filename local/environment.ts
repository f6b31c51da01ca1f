/** The region of everything local. */
export const REGION = 'eu-west-1';
/** Precedes the connection's id in the name of a secret. */
export const SECRETS_PREFIX = 'connections/local/';
