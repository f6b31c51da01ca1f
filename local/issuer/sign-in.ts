import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { DemoUser } from './demo-user.ts';
import { errorPage, signInPage } from './pages.ts';

const INTERACTION_PATH = /^\/interaction\/[\w-]+$/;

/**
 * Serves the sign-in page of an authorization request: GET lists the demo users, POST picks one.
 *
 * @returns false for a request that is none of its own.
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
    sendPage(response, 400, errorPage('This sign-in is over: start again from where you came.'));
  }
  return true;
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(html);
}
