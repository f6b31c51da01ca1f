import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  closedDialogs,
  expectAccessible,
  inspectPage,
  openedDialog,
  screenshot,
  startConsole,
} from './console.ts';

// Each test changes a connection of its own.
const underTest = startConsole();

const FORMER = 'The connection still has its former credentials.';

const rowOf = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Connections' }).getByRole('row').filter({ hasText: name });
const statusOf = (page: Page, name: string) => rowOf(page, name).getByRole('cell').nth(2).textContent();

async function openReconnect(page: Page, name: string) {
  await rowOf(page, name)
    .getByRole('button', { name: `Reconnect ${name}` })
    .click();
  return openedDialog(page, `Reconnect ${name}`);
}

describe('reconnect by key', () => {
  test('a refusal keeps the form and the former credentials; the right key turns the connection active', async () => {
    const page = await underTest.openConsole('administrator');
    const dialog = await openReconnect(page, 'HubSpot - Sales');
    const field = dialog.getByRole('textbox', { name: 'Private app access token' });
    expect(await field.getAttribute('type')).toBe('password');
    await dialog.getByRole('button', { name: 'Show password' }).click();
    expect(await field.getAttribute('type')).toBe('text');
    await dialog.getByRole('link', { name: 'Where to find it at HubSpot' }).waitFor();
    await inspectPage(page, 'reconnect');

    await field.fill('mistyped');
    await dialog.getByRole('button', { name: 'Save' }).click();
    const alert = dialog.getByRole('alert');
    await alert.getByText('HubSpot does not accept these credentials.').waitFor();
    expect(await alert.textContent()).toContain(FORMER);
    expect(await field.inputValue()).toBe('mistyped');
    await inspectPage(page, 'reconnect-refused');

    const { credentials } = await underTest.sandbox.accept('hubspot', {
      account: { id: 'team-sales', label: 'team-sales' },
    });
    await field.fill(credentials.token ?? '');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await closedDialogs(page);
    await page.getByText('HubSpot - Sales is active.').waitFor();
    expect(await statusOf(page, 'HubSpot - Sales')).toBe('Active');
    await page.getByRole('region', { name: 'Notices' }).waitFor({ state: 'detached' });
  });

  test('a provider that does not respond changes nothing', async () => {
    await underTest.sandbox.setFault('openai', 'down');
    const page = await underTest.openConsole('administrator');
    const dialog = await openReconnect(page, 'OpenAI - team-sales');
    await dialog.getByRole('textbox').first().fill('sk-made-up');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('OpenAI does not respond at the moment.').waitFor();
    await dialog.getByRole('button', { name: 'Go Back' }).click();
    expect(await statusOf(page, 'OpenAI - team-sales')).toBe('Active');
  });

  test('an empty field is pointed out before anything is sent', async () => {
    const page = await underTest.openConsole('administrator');
    const dialog = await openReconnect(page, 'SendGrid');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Fill in this field.').waitFor();
    await expectAccessible(page);
  });

  test('another account needs a confirmation that names both', async () => {
    const page = await underTest.openConsole('administrator');
    const { credentials } = await underTest.sandbox.accept('notion', {
      account: { id: 'team-legal', label: 'legal@example.com' },
    });
    const dialog = await openReconnect(page, 'Notion - support@example.com');
    await dialog
      .getByRole('textbox')
      .first()
      .fill(credentials.token ?? '');
    await dialog.getByRole('button', { name: 'Save' }).click();
    const question = await openedDialog(page, 'Another account');
    await question.getByText(/belongs to .* at Notion.*legal@example\.com/).waitFor();
    await inspectPage(page, 'another-account');
    await question.getByRole('button', { name: /^Use / }).click();
    await page.getByText('Notion - support@example.com is active.').waitFor();
  });
});

describe('rename', () => {
  test('begins with the current name, and shows the new one in the list', async () => {
    const page = await underTest.openConsole('administrator');
    await rowOf(page, 'Trello - Support').getByRole('button', { name: 'Rename' }).click();
    const dialog = await openedDialog(page, 'Rename connection');
    const field = dialog.getByRole('textbox');
    expect(await field.inputValue()).toBe('Trello - Support');
    await inspectPage(page, 'rename');
    await field.fill('Trello - Kanban');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await closedDialogs(page);
    await rowOf(page, 'Trello - Kanban').waitFor();
    await page.reload();
    await rowOf(page, 'Trello - Kanban').waitFor();
  });

  test('is given up by Go Back', async () => {
    const page = await underTest.openConsole('administrator');
    await rowOf(page, 'Stripe - finance@example.com').getByRole('button', { name: 'Rename' }).click();
    const dialog = await openedDialog(page, 'Rename connection');
    await dialog.getByRole('textbox').fill('Another name');
    await dialog.getByRole('button', { name: 'Go Back' }).click();
    await closedDialogs(page);
    await page.reload();
    await rowOf(page, 'Stripe - finance@example.com').waitFor();
  });
});

describe('the details of a connection', () => {
  test('have its history, account and flows, and check it on demand', async () => {
    const page = await underTest.openConsole('administrator');
    await page.getByRole('link', { name: 'GitHub - sales@example.com', exact: true }).click();
    await page.getByRole('heading', { name: 'GitHub - sales@example.com' }).waitFor();
    await page.getByText('Created', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Release notes' }).waitFor();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('Checked with GitHub: accepted.').waitFor();
    await inspectPage(page, 'details');
  });

  test('let a member look, not change', async () => {
    const page = await underTest.openConsole('member');
    await page.getByRole('link', { name: 'GitHub - sales@example.com', exact: true }).click();
    await page.getByText('Used by a flow').first().waitFor();
    expect(await page.getByRole('button', { name: /Check now|Rename|Reconnect/ }).count()).toBe(0);
  });
});

test('a window that is offline keeps what it shows, and says as of when', async () => {
  const page = await underTest.openConsole('member');
  await rowOf(page, 'Slack - support@example.com').waitFor();
  await page.context().setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await rowOf(page, 'Slack - support@example.com').waitFor();
  await screenshot(page, 'offline');
  await page.context().setOffline(false);
  await page.getByText('You are offline.').waitFor({ state: 'hidden' });
});
