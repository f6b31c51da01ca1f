import type { DemoUser } from './demo-user.ts';

const STYLE =
  'body{font:16px system-ui;max-width:24rem;margin:4rem auto;padding:0 1rem}button{font:inherit;display:block;width:100%;margin:.5rem 0;padding:.75rem;text-align:left;cursor:pointer}small{color:#555;display:block}';

/** The page that asks who you are: one button for each demo user, no password. */
export function signInPage(action: string, users: readonly DemoUser[]): string {
  const buttons = users.map(
    ({ id, name, email }) =>
      `<button name="user" value="${escapeHtml(id)}">${escapeHtml(name)}<small>${escapeHtml(email)}</small></button>`,
  );
  const form = `<form method="post" action="${escapeHtml(action)}">${buttons.join('')}</form>`;
  return page('Who are you?', `<p>Local mode: choose a demo user to sign in as.</p>${form}`);
}

/** The page for a sign-in that cannot go on. */
export function errorPage(reason: string): string {
  return page('Sign-in failed', `<p>${escapeHtml(reason)}</p>`);
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1>${content}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
