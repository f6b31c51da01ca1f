import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { DemoUser } from '../users.ts';
import { errorPage, PAGE_HEADERS, signInPage } from './pages.ts';

const INTERACTION_PATH = /^\/interaction\/[\w-]+$/;

/**
 * Serves the sign-in page of an authorization request: GET lists the demo users, POST picks one.
 *
 * @returns false for any other request.
 */
export async function serveSignIn(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider,
  users: readonly DemoUser[],
): Promise<boolean> {
  const path = request.url ?? '';
  if (!INTERACTION_PATH.test(path)) return false;
  try {
    await provider.interactionDetails(request, response);
    if (request.method !== 'POST') {
      sendPage(response, 200, signInPage(path, users));
      return true;
    }
    const chosen = new URLSearchParams(await text(request)).get('user');
    const user = users.find(({ id }) => id === chosen);
    if (user) await provider.interactionFinished(request, response, { login: { accountId: user.id } });
    else sendPage(response, 400, errorPage('There is no such user.'));
  } catch (error) {
    if (!(error instanceof errors.SessionNotFound)) throw error;
    sendPage(
      response,
      400,
      errorPage('This sign-in has ended. Start again from the page that you came from.'),
    );
  }
  return true;
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, PAGE_HEADERS).end(html);
}
