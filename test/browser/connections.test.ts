import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { closedDialogs, expectAccessible, inspectPage, openedDialog, startConsole } from './console.ts';

// These tests change nothing, so that all of them see the demo project as it is filled.
const underTest = startConsole();

const PATH = '/projects/demo/connections';
const REASON = 'The service no longer accepts its credentials. Reconnect with new ones.';

const rows = (page: Page) =>
  page.getByRole('table', { name: 'Connections' }).locator('tbody').getByRole('row');
const rowOf = (page: Page, name: string) => rows(page).filter({ hasText: name });

/** Waits until the table has exactly the given number of connections, and returns their names. */
async function namesOf(page: Page, count: number): Promise<readonly string[]> {
  await page.waitForFunction((expected) => {
    const list = document.querySelector('console-app')?.shadowRoot?.querySelector('connections-page');
    return list?.shadowRoot?.querySelectorAll('tbody tr:has(a)').length === expected;
  }, count);
  return rows(page).locator('td:nth-child(2)').allTextContents();
}

describe('the list', () => {
  test('has every connection with its provider, status, flows and date; an inactive one has its reason', async () => {
    const page = await underTest.openConsole('administrator');
    await namesOf(page, 10);
    await page.getByRole('heading', { name: 'Connections 10' }).waitFor();
    const hubspot = rowOf(page, 'HubSpot - Sales');
    expect(await hubspot.textContent()).toContain(REASON);
    expect(await hubspot.getByRole('cell').nth(2).textContent()).toBe('Inactive');
    expect(await rowOf(page, 'Trello - Support').getByRole('cell').nth(2).textContent()).toBe('Active');
    // The icons come from the API.
    const icons = rows(page).locator('img');
    const widths = () =>
      icons.evaluateAll((images) => images.map((image) => Reflect.get(image, 'naturalWidth')));
    await expect.poll(async () => Math.min(...(await widths()))).toBeGreaterThan(0);
    await inspectPage(page, 'connections');
  });

  test('shows the status that the dropdown names, in the address too; back returns', async () => {
    const page = await underTest.openConsole('administrator');
    await namesOf(page, 10);
    const status = page.getByRole('combobox', { name: 'Status' });
    expect(await status.locator('option').allTextContents()).toEqual([
      'All (10)',
      'Active (9)',
      'Inactive (1)',
    ]);
    await status.selectOption('inactive');
    expect(await namesOf(page, 1)).toEqual([expect.stringContaining('HubSpot - Sales')]);
    expect(page.url()).toBe(`${underTest.url}${PATH}?status=inactive`);
    await page.goBack();
    await namesOf(page, 10);
    expect(page.url()).toBe(`${underTest.url}${PATH}`);
  });

  test('finds names while the user types, and says where none matches', async () => {
    const page = await underTest.openConsole('member');
    await namesOf(page, 10);
    const search = page.getByRole('searchbox', { name: 'Search by name' });
    await search.fill('SUPPORT');
    expect(await namesOf(page, 4)).toEqual(
      expect.arrayContaining([expect.stringContaining('Trello - Support')]),
    );
    expect(new URL(page.url()).searchParams.get('q')).toBe('SUPPORT');
    await search.fill('nothing of this name');
    await page.getByText('No connection matches').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await namesOf(page, 10);
  });

  test('sorts by name and by date, either way', async () => {
    const page = await underTest.openConsole('member');
    await namesOf(page, 10);
    const byName = page.getByRole('columnheader', { name: 'Name' });
    await byName.getByRole('button').click();
    await page
      .getByRole('columnheader', { name: 'Name' })
      .and(page.locator('[aria-sort=ascending]'))
      .waitFor();
    await rows(page).first().getByText('Airtable - finance@example.com').waitFor();
    await byName.getByRole('button').click();
    await rows(page).first().getByText('Zendesk - support@example.com').waitFor();
    await page.getByRole('columnheader', { name: 'Connected on' }).getByRole('button').click();
    await rows(page).first().getByText('Notion - support@example.com').waitFor();
  });

  test('opens as it was shared, by its address', async () => {
    const path = `${PATH}?status=active&q=support&sort=name`;
    const page = await underTest.openConsole('member', { path });
    const names = await namesOf(page, 4);
    expect(names[0]).toContain('Notion');
    expect(await page.getByRole('searchbox').inputValue()).toBe('support');
    expect(await page.getByRole('combobox', { name: 'Status' }).inputValue()).toBe('active');
  });
});

describe('roles', () => {
  test('a member sees no actions, and the reason', async () => {
    const page = await underTest.openConsole('member');
    await namesOf(page, 10);
    await page.getByText('Only administrators of this project can reconnect or rename them.').waitFor();
    expect(await page.getByRole('button', { name: /Reconnect|Rename/ }).count()).toBe(0);
    expect(await page.getByRole('columnheader', { name: 'Actions' }).count()).toBe(0);
    await inspectPage(page, 'connections-member');
  });

  test('a user of no project sees a page that says so', async () => {
    const page = await underTest.openConsole('outsider');
    await page.getByText('You are in no project').waitFor();
    await inspectPage(page, 'no-project');
  });

  test('a user of another project learns nothing of this one', async () => {
    const page = await underTest.openConsole('outsider', { path: PATH });
    await page.getByText('You are not a member of this project').waitFor();
    expect(await page.getByText('HubSpot').count()).toBe(0);
    await expectAccessible(page);
  });
});

describe('notices', () => {
  test('name the connection that stopped and its flows, and open its reconnect dialog', async () => {
    const page = await underTest.openConsole('administrator');
    const notices = page.getByRole('region', { name: 'Notices' });
    await notices.getByText('1 connection stopped.').waitFor();
    await notices.getByText('Stopped flows: New lead.').waitFor();
    await notices.getByRole('button', { name: 'Reconnect HubSpot - Sales' }).click();
    await openedDialog(page, 'Reconnect HubSpot - Sales');
  });

  test('by mail link to the reconnect dialog; closing it leaves the list', async () => {
    const page = await underTest.openConsole('administrator', { path: `${PATH}?status=inactive` });
    const link = rowOf(page, 'HubSpot - Sales').getByRole('link', { name: 'HubSpot - Sales', exact: true });
    const id = (await link.getAttribute('href'))?.split('/').at(-1);
    await page.goto(`${underTest.url}${PATH}?reconnect=${id}`);
    await openedDialog(page, 'Reconnect HubSpot - Sales');
    await page.getByRole('button', { name: 'Go Back' }).click();
    await closedDialogs(page);
    await page.waitForURL(`${underTest.url}${PATH}`);
  });

  test('by mail open no dialog for a member', async () => {
    const page = await underTest.openConsole('member', { path: `${PATH}?reconnect=con_unknown` });
    await namesOf(page, 10);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

describe('everywhere', () => {
  test('a window of 320 px needs no scrolling sideways', async () => {
    const page = await underTest.openConsole('administrator', { viewport: { width: 320, height: 640 } });
    await namesOf(page, 10);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(320);
    await inspectPage(page, 'connections-narrow');
  });

  test('texts and times are in the language and zone of the browser', async () => {
    const page = await underTest.openConsole('administrator', { locale: 'es-ES' });
    await page.getByRole('heading', { name: 'Conexiones 10' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('es');
    await inspectPage(page, 'connections-spanish');
  });

  test('the keyboard reaches the actions and closes a dialog, which returns the focus', async () => {
    const page = await underTest.openConsole('administrator');
    await namesOf(page, 10);
    const rename = page.getByRole('button', { name: 'Rename Trello - Support' });
    await rename.focus();
    await page.keyboard.press('Enter');
    const dialog = await openedDialog(page, 'Rename connection');
    const name = dialog.getByRole('textbox');
    await name.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await closedDialogs(page);
    await rename.and(page.locator(':focus')).waitFor();
  });
});
