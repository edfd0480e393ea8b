// A real headless Chromium for tests. Tests that use it carry `[browser]` in their title.

import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Why no browser can be started here, or null. */
export const browserObstacle = (): string | null => (existsSync(EXECUTABLE) ? null : 'chromium is not installed');

export const startBrowser = (): Promise<Browser> => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });

export interface Visit {
  page: Page;
  /** What the console said, scripts that failed, and every address that was asked for. */
  complaints: string[];
  requests: string[];
}

/** Opens a file in a fresh window. */
export async function visit(
  browser: Browser,
  path: string,
  options: { width?: number; dark?: boolean; script?: false } = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.dark === true ? 'dark' : 'light',
    javaScriptEnabled: options.script !== false,
  });
  const page = await context.newPage();
  // A page of 50,000 paths takes its time on a busy machine.
  page.setDefaultTimeout(120_000);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', message => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', error => complaints.push(`error: ${error.message}`));
  page.on('dialog', async dialog => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('request', request => requests.push(request.url()));
  await page.goto(`file://${path}`);
  return { page, complaints, requests };
}
