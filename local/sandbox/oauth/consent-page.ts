import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import type { Grant } from './grants.ts';

/** Authorization request, as its consent page shows it. */
export interface ConsentRequest {
  readonly providerName: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly accounts: readonly Grant['account'][];
  readonly scopes: readonly string[];
}

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#f4f4f5;color:#18181b}
main{max-width:32rem;margin:2rem auto;padding:2rem;background:#fff;border:1px solid #d4d4d8;border-radius:.5rem}
h1{font-size:1.375rem;margin-top:0}fieldset{border:0;margin:1rem 0;padding:0}legend{font-weight:600;padding:0}
label{display:block;padding:.25rem 0;overflow-wrap:anywhere}small{color:#52525b}
button{font:inherit;padding:.5rem 1.25rem;margin-right:.5rem;border:1px solid #52525b;border-radius:.25rem;background:#fff}
button[value=allow]{background:#1d4ed8;border-color:#1d4ed8;color:#fff}[role=alert]{color:#b91c1c;font-weight:600}`;

/**
 * Renders the page on which a user chooses an account, unticks scopes, and allows or denies access. The form works
 * without scripts and posts to the address of the page, which holds the authorization request.
 */
export function consentPage(request: ConsentRequest, problem?: string): ProviderResponse {
  const { providerName, clientId, redirectUri, accounts, scopes } = request;
  const name = escapeHtml(providerName);
  return page(
    problem === undefined ? 200 : 400,
    `Allow access to ${name}`,
    `${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
<p>The application <strong>${escapeHtml(clientId)}</strong> asks for access to an account at ${name}. Your decision is
returned to <strong>${escapeHtml(new URL(redirectUri).host)}</strong>.</p>
<form method="post">
<fieldset>
<legend>Account</legend>
${accounts.map(accountControl).join('\n')}
</fieldset>
${scopes.length === 0 ? '<p>The application asks for no scopes.</p>' : scopeControls(scopes)}
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>
<p><small>This is the sandbox of local mode, in place of ${name}. The accounts are made up.</small></p>`,
  );
}

/** Renders a page for a request whose redirect URI cannot be trusted (RFC 6749, section 4.1.2.1). */
export function errorPage(problem: string): ProviderResponse {
  return page(400, 'Authorization request refused', `<p role="alert">${escapeHtml(problem)}</p>`);
}

function accountControl({ id, label }: Grant['account'], index: number): string {
  const checked = index === 0 ? ' checked' : '';
  return `<label><input type="radio" name="account" value="${escapeHtml(id)}" required${checked}> ${escapeHtml(label)} <small>${escapeHtml(id)}</small></label>`;
}

function scopeControls(scopes: readonly string[]): string {
  const controls = scopes.map((scope) => {
    const text = escapeHtml(scope);
    return `<label><input type="checkbox" name="scope" value="${text}" checked> ${text}</label>`;
  });
  return `<fieldset>\n<legend>Scopes</legend>\n${controls.join('\n')}\n</fieldset>`;
}

function page(status: number, title: string, content: string): ProviderResponse {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // No form-action: browsers apply it to the redirect after the post too, which leads to another origin.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    },
    body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${STYLE}</style></head>
<body><main><h1>${title}</h1>
${content}
</main></body>
</html>
`,
  };
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
