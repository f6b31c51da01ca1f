import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { closedDialogs, expectAccessible, inspectPage, openedDialog, startConsole } from './console.ts';

const underTest = startConsole();

const PATH = '/projects/demo/flows';

const flows = (page: Page) => page.getByRole('table', { name: 'Flows' }).locator('tbody').getByRole('row');

describe('the flows', () => {
  test('of a connection are behind the number in its row; back returns to the connections', async () => {
    const page = await underTest.openConsole('member');
    await page.getByRole('link', { name: '3 flows that use Slack - support@example.com' }).click();
    await page.getByText('Flows that use Slack - support@example.com').waitFor();
    await flows(page).filter({ hasText: 'Support triage' }).waitFor();
    expect(await flows(page).count()).toBe(3);
    expect(page.url()).toContain(`${PATH}?connection=con_`);
    await expectAccessible(page);
    await page.goBack();
    await page.getByRole('heading', { name: 'Connections 10' }).waitFor();
  });

  test('that an inactive connection holds up are blocked', async () => {
    const page = await underTest.openConsole('member', { path: PATH });
    const blocked = flows(page).filter({ hasText: 'New lead' });
    await blocked.getByText('Blocked').waitFor();
    expect(await flows(page).filter({ hasText: 'Release notes' }).textContent()).toContain('Ready');
    await inspectPage(page, 'flows');
  });
});

describe('the flow builder', () => {
  test('makes a connection, shows the API call, and disconnects it', async () => {
    const page = await underTest.openConsole('administrator', { path: PATH });
    await page.getByRole('button', { name: 'New flow' }).click();
    await page.getByRole('textbox', { name: 'Name of the flow' }).fill('Weekly report');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'Weekly report' }).waitFor();

    const { credentials } = await underTest.sandbox.accept('resend');
    await page.getByRole('searchbox', { name: 'Search services' }).fill('rese');
    await page.getByRole('button', { name: 'Resend' }).click();
    await page.getByRole('button', { name: 'New connection' }).click();
    const dialog = await openedDialog(page, 'Connect Resend');
    await inspectPage(page, 'connect');
    await dialog
      .getByRole('textbox')
      .first()
      .fill(Object.values(credentials)[0] ?? '');
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await closedDialogs(page);
    const step = page.getByRole('list', { name: 'Integrations' }).getByRole('listitem');
    await step.getByText('Active').waitFor();
    expect(await step.locator('code').textContent()).toContain('/integrations/');
    expect(await page.content()).not.toContain(Object.values(credentials)[0]);
    await inspectPage(page, 'flow');

    await step.getByRole('button', { name: 'Disconnect' }).click();
    const question = await openedDialog(page, /^Disconnect /);
    await question.getByText('It is the last use').waitFor();
    await question.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('This flow has no integration yet.').waitFor();
  });

  test('lets a member look, not change', async () => {
    const page = await underTest.openConsole('member', { path: `${PATH}/support-triage` });
    await page.getByText('Only administrators of this project can change their integrations.').waitFor();
    await page.getByRole('link', { name: 'Trello - Support' }).waitFor();
    expect(await page.getByRole('button', { name: /Disconnect|Delete flow/ }).count()).toBe(0);
    await expectAccessible(page);
  });
});
