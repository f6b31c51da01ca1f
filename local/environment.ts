import { OAUTH_CLIENTS_FOLDER } from '../shared/domain/terms.ts';

/** The region of everything local. */
export const REGION = 'eu-west-1';
/** Precedes the name of an OAuth client in the name of its secret. */
export const OAUTH_CLIENTS_PREFIX = `${OAUTH_CLIENTS_FOLDER}local/`;
/** The name of the event bus. */
export const BUS_NAME = 'connections';
/** The secret from which access tokens are sealed. */
export const DATA_KEY_SECRET = 'connections-local-data-key';
/** The secret from which the data keys of projects are sealed. */
export const CREDENTIALS_KEY_SECRET = 'connections-local-credentials-key';
/** Precedes the connection's id in the name of a secret. */
export const SECRETS_PREFIX = 'connections/local/';
/** Names of secrets, by the variables in which functions find them. */
export const SECRET_NAMES = {
  SECRETS_PREFIX,
  OAUTH_CLIENTS_PREFIX,
  DATA_KEY_SECRET,
  CREDENTIALS_KEY_SECRET,
};
