import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, screenshot, startConsole } from './console.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The example's files by their names in its page. */
const FILES: Readonly<Record<string, string>> = {
  'plain.html': 'web/examples/plain.html',
  'react.html': 'web/examples/react.html',
  'elements.js': 'dist/elements.js',
  'react.js': 'dist/examples/react.js',
};
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript' };

const underTest = startConsole();

beforeAll(async () => {
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)('npm', ['run', 'build:web'], { cwd: ROOT, env });
}, 120_000);

/** Opens an example on the API's origin, with what a platform's own server would respond. */
async function openExample(name: string): Promise<Page> {
  const page = await underTest.newPage();
  const { tokens } = underTest.backend.session;
  await page.route(`${underTest.url}/platform/**`, async (route) => {
    const file = new URL(route.request().url()).pathname.slice('/platform/'.length);
    if (file === 'settings.json')
      return route.fulfill({ json: { apiUrl: underTest.url, projectId: 'demo' } });
    if (file === 'access-token') return route.fulfill({ body: tokens.administrator });
    const body = await readFile(join(ROOT, FILES[file] ?? file));
    return route.fulfill({ body, contentType: TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain' });
  });
  await page.goto(`${underTest.url}/platform/${name}`);
  await page.getByRole('heading', { name: /^Connections/ }).waitFor();
  return page;
}

async function rename(page: Page, from: string, to: string): Promise<void> {
  await page.getByRole('button', { name: `Rename ${from}` }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(to);
  await page.getByRole('button', { name: 'Save' }).click();
}

describe.each(['plain', 'react'])('the example %s', (name) => {
  test('shows the page, and learns of a rename by its event', async () => {
    const page = await openExample(`${name}.html`);
    await rename(page, 'Stripe - finance@example.com', `Stripe - ${name}`);
    await page.getByText(`renamed: Stripe - ${name}`).waitFor();
    await rename(page, `Stripe - ${name}`, 'Stripe - finance@example.com');
    await page.getByText('renamed: Stripe - finance@example.com').waitFor();
    await screenshot(page, `example-${name}`);
  });

  test('is accessible', async () => {
    const page = await openExample(`${name}.html`);
    await page.getByRole('button', { name: 'Rename Stripe - finance@example.com' }).waitFor();
    await expectAccessible(page);
  });
});

test('the plain page keeps the filter in its address, and takes its own colors into the element', async () => {
  const page = await openExample('plain.html');
  await page.getByRole('combobox', { name: 'Status' }).selectOption('inactive');
  await page.waitForURL(/\?status=inactive/);
  const color = await page
    .getByRole('button', { name: 'Reconnect HubSpot - Sales' })
    .first()
    .evaluate((element) => getComputedStyle(element).color);
  expect(color).toBe('rgb(122, 62, 157)');
});

test('the React page sets a property of the element', async () => {
  const page = await openExample('react.html');
  await page.getByRole('button', { name: 'Show what stopped' }).click();
  const status = page.getByRole('combobox', { name: 'Status' });
  await expect.poll(() => status.inputValue()).toBe('inactive');
});
