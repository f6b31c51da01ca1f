import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { DemoUser } from '../users.ts';

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
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(html);
}

const STYLE =
  'body{font:16px system-ui;max-width:24rem;margin:4rem auto;padding:0 1rem}button{font:inherit;display:block;width:100%;margin:.5rem 0;padding:.75rem;text-align:left;cursor:pointer}small{color:#555;display:block}';

/** A button for each demo user, no password. */
function signInPage(action: string, users: readonly DemoUser[]): string {
  const buttons = users.map(
    ({ id, name, email }) =>
      `<button name="user" value="${escapeHtml(id)}">${escapeHtml(name)}<small>${escapeHtml(email)}</small></button>`,
  );
  const form = `<form method="post" action="${escapeHtml(action)}">${buttons.join('')}</form>`;
  return page('Sign in', `<p>Local mode: choose a demo user to sign in as.</p>${form}`);
}

/** Makes the page of a sign-in that cannot continue. */
export function errorPage(reason: string): string {
  return page('Sign-in failed', `<p>${escapeHtml(reason)}</p>`);
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1>${content}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
