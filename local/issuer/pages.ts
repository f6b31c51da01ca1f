import { createHash } from 'node:crypto';
import type { DemoUser } from '../users.ts';

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:24rem;margin:4rem auto;padding:0 1rem}button{font:inherit;display:block;width:100%;margin:.5rem 0;padding:.75rem;text-align:left;cursor:pointer}small{display:block}';

/** Sends the form that the page shows at once; without script, the user presses its button. */
const SUBMIT = 'document.forms[0].submit()';
const SUBMIT_HASH = createHash('sha256').update(SUBMIT).digest('base64');

/** Headers of every page of the issuer. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${SUBMIT_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
} as const;

/** Makes the sign-in page: a button for each demo user, no password. */
export function signInPage(action: string, users: readonly DemoUser[]): string {
  const buttons = users.map(
    ({ id, name, email }) =>
      `<button name="user" value="${escapeHtml(id)}">${escapeHtml(name)}<small>${escapeHtml(email)}</small></button>`,
  );
  const form = `<form method="post" action="${escapeHtml(action)}">${buttons.join('')}</form>`;
  return page('Sign in', `<p>Local mode: choose a demo user to sign in as.</p>${form}`);
}

/** Makes the page that ends the issuer's session. The console asked for it, so nothing is left to confirm. */
export function signOutPage(form: string): string {
  const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out</button>';
  const fields = form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>');
  return page('Signing out', `${fields}<noscript>${button}</noscript><script>${SUBMIT}</script>`);
}

/** Makes the page of a sign-in that cannot continue. */
export function errorPage(reason: string): string {
  return page('Sign-in failed', `<p>${escapeHtml(reason)}</p>`);
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><main><h1>${title}</h1>${content}</main></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
