import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import * as z from 'zod/mini';
import { USERS } from '../../local/users.ts';
import { BackendProcess } from '../harness/backend-process.ts';
import { Sandbox } from '../harness/sandbox.ts';

export type Role = keyof typeof USERS;

/** Artifacts of a run, which .ci/run leaves for whoever looks at it. */
const SCREENSHOTS = join(import.meta.dirname, 'screenshots');

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Room for a busy machine; a page shows within a second what a test waits for. */
const WAITING_MS = 15_000;

const sessionSchema = z.object({ apiUrl: z.string(), consoleUrl: z.string(), sandboxUrl: z.string() });
const configSchema = z.object({ issuer: z.string() });

export interface OpenOptions {
  /** Path and query to open; `/` unless given. */
  readonly path?: string;
  readonly locale?: 'en-US' | 'es-ES';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** The console in Chromium, in front of the whole backend of local mode in a process of its own. */
export class ConsoleUnderTest {
  readonly backend = new BackendProcess();
  readonly #contexts: BrowserContext[] = [];
  /** Incidents that no page may cause: errors in the browser's console, and requests to other origins. */
  readonly #incidents: string[] = [];
  /** Addresses below which a response of 400 or above, or none, is part of the test. */
  readonly #expectedFailures: string[] = [];
  #browser: Browser | undefined;
  #issuer = '';

  async start(): Promise<void> {
    const [browser] = await Promise.all([
      chromium.launch({ executablePath: findChromium(), args: ARGUMENTS }),
      this.backend.start(),
    ]);
    this.#browser = browser;
    const config = await fetch(`${this.url}/config.json`);
    this.#issuer = configSchema.parse(await config.json()).issuer;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.backend.remove();
  }

  get url(): string {
    return sessionSchema.parse(this.backend.session).consoleUrl;
  }

  /** The local issuer's address. */
  get issuer(): string {
    return this.#issuer;
  }

  get sandbox(): Sandbox {
    return new Sandbox(this.backend.session.sandboxUrl);
  }

  /** Opens a page of the console as a new visitor, whom it sends to the issuer's sign-in page. */
  async openSignedOut({ path = '/', ...options }: OpenOptions = {}): Promise<Page> {
    const page = await this.newPage(options);
    await page.goto(`${this.url}${path}`);
    return page;
  }

  /** Opens an empty page in a browser profile of its own. */
  async newPage(options: Omit<OpenOptions, 'path'> = {}): Promise<Page> {
    if (!this.#browser) throw new Error('The browser was not started.');
    const context = await this.#browser.newContext({
      locale: 'en-US',
      timezoneId: 'Europe/Madrid',
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(WAITING_MS);
    this.#contexts.push(context);
    this.#observe(context);
    return context.newPage();
  }

  /** Signs in at the issuer's page as the user of a role, and waits for the console. */
  async signIn(page: Page, role: Role): Promise<void> {
    await page.getByRole('button', { name: USERS[role].name }).click();
    await page.locator('console-app').waitFor();
  }

  /** Opens a page of the console, signed in as the user of a role. */
  async openConsole(role: Role, options: OpenOptions = {}): Promise<Page> {
    const page = await this.openSignedOut(options);
    await this.signIn(page, role);
    return page;
  }

  /** Lets a test end well although requests below an address failed. */
  expectFailure(address: string): void {
    this.#expectedFailures.push(address);
  }

  /** Ends the pages of a test, and fails it for what they must not do. */
  async endTest(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
    this.#expectedFailures.length = 0;
    expect(this.#incidents.splice(0)).toEqual([]);
  }

  #observe(context: BrowserContext): void {
    const allowed = [this.url, this.#issuer, this.backend.session.sandboxUrl].map(
      (url) => new URL(url).origin,
    );
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (['data:', 'blob:'].includes(protocol) || allowed.includes(origin)) return;
      this.#incidents.push(`request to ${request.url()}`);
    });
    context.on('weberror', (error) => this.#incidents.push(String(error.error())));
    context.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      const { url } = message.location();
      // Chromium reports every response of 400 and above; the page handles those of the API.
      const handled = [`${this.url}/v1/`, ...this.#expectedFailures];
      const isFailure = message.text().startsWith('Failed to load resource');
      if (isFailure && handled.some((address) => url.startsWith(address))) return;
      this.#incidents.push(`${message.type()} in the console: ${message.text()} (${url})`);
    });
  }
}

/** Starts a backend and a browser for the tests of a file. */
export function startConsole(): ConsoleUnderTest {
  const underTest = new ConsoleUnderTest();
  beforeAll(() => underTest.start());
  afterEach(() => underTest.endTest());
  afterAll(() => underTest.close());
  return underTest;
}

/**
 * Waits for a dialog and returns it with its content, which is in slots: outside of the element with the role, inside of
 * the one that has it in its shadow.
 */
export async function openedDialog(page: Page, name: string | RegExp): Promise<Locator> {
  const dialog = page.getByRole('dialog', { name });
  await dialog.waitFor();
  return page.locator('wa-dialog').filter({ has: dialog });
}

/** Waits until no dialog is open. */
export async function closedDialogs(page: Page): Promise<void> {
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

/** Takes a picture of the page in light and in dark, once it shows neither a skeleton nor a spinner. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`), animations: 'disabled' });
  }
  await page.emulateMedia({ colorScheme: null });
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Checks that a page is accessible, and takes pictures of it. */
export async function inspectPage(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await screenshot(page, name);
}

/** Runs axe on the page, shadow roots included, in light and in dark; a change of colors may take a moment. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect
      .poll(() => violationsIn(page), { message: `in ${colorScheme}`, timeout: WAITING_MS })
      .toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
}

function violationsIn(page: Page): Promise<readonly string[]> {
  return page.evaluate(async (values) => {
    const { violations } = await window.axe.run({ runOnly: { type: 'tag', values } });
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`,
    );
  }, RULES);
}

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

function findChromium(): string {
  const program = [process.env.CHROMIUM, ...PROGRAMS].find((path) => path && existsSync(path));
  if (!program) throw new Error('Install Chromium, or name its program by the variable CHROMIUM.');
  return program;
}
