import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { USERS } from '../../local/users.ts';
import { expectAccessible, inspectPage, type Role, startConsole } from './console.ts';

const underTest = startConsole();

/** The local issuer's tokens live for 12 hours. */
const ALMOST_A_LIFETIME = '11:59:30';

const CORS = { 'access-control-allow-origin': '*' };

/** Waits for a request with the page's access token, and returns the token. */
async function nextAccessToken(page: Page): Promise<string> {
  const request = await page.waitForRequest((sent) => sent.url().includes('/v1/') && sent.method() === 'GET');
  return (await request.allHeaders()).authorization ?? '';
}

test.each(Object.keys(USERS) as Role[])(
  'the %s signs in at the issuer and returns to the console',
  async (role) => {
    const page = await underTest.openSignedOut();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(page.url().startsWith(underTest.issuer)).toBe(true);
    await expectAccessible(page);
    await underTest.signIn(page, role);
    await page.getByText(USERS[role].name).first().waitFor();
    expect(page.url().startsWith(underTest.url)).toBe(true);
    expect(page.url()).not.toContain('code=');
  },
);

test('signing in returns to the address that was opened, with its filters', async () => {
  const path = '/projects/demo/connections?status=inactive&q=sales';
  const page = await underTest.openConsole('member', { path });
  expect(page.url()).toBe(`${underTest.url}${path}`);
});

test('a reload signs in again without a page, and no token is ever stored', async () => {
  const page = await underTest.openConsole('administrator');
  const stored = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(await stored()).not.toContain('eyJ');
  await page.reload();
  await page.locator('console-app').waitFor();
  expect(page.url().startsWith(underTest.url)).toBe(true);
  expect(await stored()).not.toContain('eyJ');
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('an access token that ended is renewed in the background, once for all requests', async () => {
  const page = await underTest.openSignedOut();
  await page.clock.install();
  const first = nextAccessToken(page);
  await underTest.signIn(page, 'administrator');
  const before = await first;
  const renewals: string[] = [];
  page.on('request', (request) => {
    if (request.url() === `${underTest.issuer}/token`) renewals.push(request.postData() ?? '');
  });
  await page.clock.fastForward(ALMOST_A_LIFETIME);
  const second = nextAccessToken(page);
  await page.getByRole('link', { name: 'Flows' }).first().click();
  expect(await second).not.toBe(before);
  expect(renewals).toEqual([expect.stringContaining('grant_type=refresh_token')]);
  expect(page.url().startsWith(underTest.url)).toBe(true);
});

test('where the issuer no longer renews, the user signs in again and returns to the same address', async () => {
  const page = await underTest.openSignedOut({ path: '/projects/demo/connections?status=inactive' });
  await page.clock.install();
  await underTest.signIn(page, 'administrator');
  await page.getByRole('link', { name: 'HubSpot - Sales', exact: true }).waitFor();
  const token = `${underTest.issuer}/token`;
  underTest.expectFailure(token);
  await page.route(
    token,
    (route) => route.fulfill({ status: 400, json: { error: 'invalid_grant' }, headers: CORS }),
    {
      times: 1,
    },
  );
  await page.clock.fastForward(ALMOST_A_LIFETIME);
  const leaving = page.waitForRequest((sent) => sent.url().startsWith(`${underTest.issuer}/auth?`));
  await page.getByRole('link', { name: 'Flows', exact: true }).click();
  await leaving;
  await page.getByRole('heading', { name: 'Flows' }).waitFor();
  expect(page.url()).toBe(`${underTest.url}/projects/demo/flows`);
});

describe('signing out', () => {
  test('ends the session here, in other tabs and at the issuer', async () => {
    const page = await underTest.openConsole('administrator');
    const otherTab = await page.context().newPage();
    await otherTab.goto(underTest.url);
    await otherTab.locator('console-app').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    for (const tab of [page, otherTab]) {
      await tab.getByRole('heading', { name: 'You are signed out' }).waitFor();
      expect(tab.url()).toBe(`${underTest.url}/signed-out`);
    }
    await inspectPage(page, 'signed-out');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('choose a demo user').waitFor();
  });
});

describe('a sign-in that fails', () => {
  /** Lets the issuer respond to the next authorization request with an error. */
  async function refuseNext(page: Page, error: Readonly<Record<string, string>>): Promise<void> {
    await page.context().route(
      (url) => url.href.startsWith(`${underTest.issuer}/auth?`),
      (route) => {
        const { searchParams } = new URL(route.request().url());
        const back = new URL(searchParams.get('redirect_uri') ?? '');
        const state = searchParams.get('state') ?? '';
        back.search = new URLSearchParams({ ...error, state, iss: underTest.issuer }).toString();
        return route.fulfill({ status: 302, headers: { location: back.href } });
      },
      { times: 1 },
    );
  }

  test('shows the reason in plain words, and tries again from the same address', async () => {
    const page = await underTest.newPage();
    await refuseNext(page, { error: 'access_denied', error_description: 'The account is locked.' });
    const path = '/projects/demo/connections?status=inactive';
    await page.goto(`${underTest.url}${path}`);
    await page.getByRole('heading', { name: 'Sign-in did not succeed' }).waitFor();
    await page.getByText('The account is locked.').waitFor();
    await inspectPage(page, 'sign-in-failed');
    await page.getByRole('button', { name: 'Try again' }).click();
    await underTest.signIn(page, 'administrator');
    expect(page.url()).toBe(`${underTest.url}${path}`);
  });

  test('names a sign-in service that does not respond, and tries again', async () => {
    const page = await underTest.newPage();
    const discovery = `${underTest.issuer}/.well-known/openid-configuration`;
    underTest.expectFailure(discovery);
    await page.route(discovery, (route) => route.abort(), { times: 1 });
    await page.goto(underTest.url);
    await page.getByRole('heading', { name: 'The sign-in service does not respond' }).waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await underTest.signIn(page, 'member');
  });

  test('shows it in Spanish to a browser in Spanish', async () => {
    const page = await underTest.newPage({ locale: 'es-ES' });
    await refuseNext(page, { error: 'access_denied' });
    await page.goto(underTest.url);
    await page.getByRole('heading', { name: 'No se pudo iniciar sesión' }).waitFor();
  });

  test('starts over at a used response from the history', async () => {
    const page = await underTest.openConsole('member');
    await page.goto(`${underTest.url}/signed-in?code=used&state=used`);
    await page.locator('console-app').waitFor();
    expect(page.url()).not.toContain('signed-in');
  });
});
