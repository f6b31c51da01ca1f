import { described, flowId, plainText, projectId, stepId, userId } from './primitives.ts';

/**
 * The schema of each parameter of a path, by the name that stands in the path. Ids of this project are any text: one that
 * cannot exist is 404, like any unknown one.
 */
export const PATH_PARAMETERS = {
  projectId,
  flowId,
  stepId,
  userId,
  connectionId: described(plainText(128), 'The id of the connection.'),
  authorizationId: plainText(128),
  provider: described(plainText(128), 'The id of the provider: trello.'),
  client: described(plainText(40), 'The name of the OAuth client.'),
};
