import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { closedDialogs, inspectPage, openedDialog, screenshot, startConsole } from './console.ts';

const underTest = startConsole();

const PROVIDER = 'Google Calendar';
const FLOW = '/projects/demo/flows/release-notes';

/** Opens the dialog for a new connection of a flow. */
async function openConnect(page: Page, provider = PROVIDER): Promise<Locator> {
  await page.getByRole('searchbox', { name: 'Search services' }).fill(provider.toLowerCase());
  await page.getByRole('button', { name: provider, exact: true }).click();
  await page.getByRole('button', { name: 'New connection' }).click();
  return openedDialog(page, `Connect ${provider}`);
}

/** Continues to the provider's consent page, in its pop-up. */
async function openConsent(page: Page, dialog: Locator, provider = PROVIDER): Promise<Page> {
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    dialog.getByRole('button', { name: `Continue with ${provider}` }).click(),
  ]);
  await popup.getByRole('button', { name: 'Allow' }).waitFor();
  return popup;
}

/** Ends with the pop-up closed, as the console leaves it. */
async function decide(popup: Page, decision: 'Allow' | 'Deny'): Promise<void> {
  const closed = popup.waitForEvent('close');
  await popup.getByRole('button', { name: decision }).click();
  await closed;
}

async function connect(page: Page, provider = PROVIDER): Promise<void> {
  const dialog = await openConnect(page, provider);
  await decide(await openConsent(page, dialog, provider), 'Allow');
  await page.getByText('is connected.').waitFor();
  await closedDialogs(page);
}

describe('a connection by consent', () => {
  test('is made in a pop-up; a refusal and a missing permission keep the dialog', async () => {
    const page = await underTest.openConsole('administrator', { path: FLOW });
    const dialog = await openConnect(page);
    await inspectPage(page, 'continue-with');

    await decide(await openConsent(page, dialog), 'Deny');
    await dialog.getByText(`Access was not allowed at ${PROVIDER}.`).waitFor();

    const partly = await openConsent(page, dialog);
    await partly.getByRole('checkbox').last().uncheck();
    await decide(partly, 'Allow');
    const alert = dialog.getByRole('alert');
    await alert.getByText('did not grant all permissions').waitFor();
    await alert.getByText('https://www.googleapis.com/auth/calendar.calendarlist.readonly').waitFor();
    await inspectPage(page, 'scopes-missing');

    await decide(await openConsent(page, dialog), 'Allow');
    await page.getByText('is connected.').waitFor();
    await closedDialogs(page);
  });

  test('is reconnected in the same window where pop-ups are blocked; another account needs a confirmation', async () => {
    const page = await underTest.openConsole('administrator', { path: FLOW });
    await connect(page);
    await page.addInitScript(() => Object.assign(window, { open: () => null }));
    const link = page.getByRole('link', { name: PROVIDER }).first();
    await page.goto(`${underTest.url}${await link.getAttribute('href')}`);
    await page.getByRole('button', { name: 'Reconnect' }).click();
    await page.getByRole('button', { name: `Continue with ${PROVIDER}` }).click();
    await page.getByRole('radio').nth(1).check();
    await page.getByRole('button', { name: 'Allow' }).click();

    const question = await openedDialog(page, 'Another account');
    expect(page.url()).not.toMatch(/authorization|completion/);
    await question.getByText(/belongs to .*@example\.com at Google Calendar/).waitFor();
    await question.getByRole('button', { name: /^Use / }).click();
    await page.getByRole('radio').nth(1).check();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('is active.').waitFor();
    await closedDialogs(page);
  });

  test('turns inactive by a check after its user revoked it, and active by a consent of the same account', async () => {
    const outlook = 'Microsoft Outlook';
    const page = await underTest.openConsole('administrator', { path: FLOW });
    await connect(page, outlook);
    const link = page.getByRole('link', { name: outlook }).first();
    await page.goto(`${underTest.url}${await link.getAttribute('href')}`);
    const [grant] = await underTest.sandbox.grants('microsoft-outlook');
    await underTest.sandbox.revokeGrant(grant?.id ?? '');
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText(`Checked with ${outlook}: rejected.`).waitFor();
    await page
      .getByText('The service no longer accepts its credentials. Reconnect with new ones.')
      .first()
      .waitFor();
    await screenshot(page, 'revoked');

    await page.getByRole('button', { name: 'Reconnect' }).click();
    const dialog = await openedDialog(page, /Reconnect/);
    await decide(await openConsent(page, dialog, outlook), 'Allow');
    await page.getByText('is active.').waitFor();
    await closedDialogs(page);
  });

  test('is cancelled by closing the dialog, which closes the pop-up', async () => {
    const page = await underTest.openConsole('administrator', { path: FLOW });
    const dialog = await openConnect(page);
    const popup = await openConsent(page, dialog);
    await dialog.getByText(`Allow access in the window of ${PROVIDER}.`).waitFor();
    const closed = popup.waitForEvent('close');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await closed;
    await closedDialogs(page);
  });
});
