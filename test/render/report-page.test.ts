// The report in a real browser: nothing in it runs that is not ours, people of all kinds can use it, and large ones open.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Browser } from 'playwright-core';
import { browserObstacle, startBrowser, visit } from '../support/browser.ts';
import { allowtrace, fixture } from '../support/fixtures.ts';

const obstacle = browserObstacle();
const inBrowser = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[browser] the report is not looked at: ${obstacle}`, t => t.pass());

const dir = mkdtempSync(join(tmpdir(), 'allowtrace-report-'));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
test.before(async () => {
  if (obstacle === null) browser = await startBrowser();
});
test.after.always(async () => {
  await browser?.close();
  rmSync(dir, { recursive: true });
});

/** Writes the report of a log and gives its path. */
async function report(name: string, log: string): Promise<string> {
  const page = join(dir, `${name}.html`);
  const { exitCode, stderr } = await allowtrace(['report', '--other-host', '-o', page, log]);
  if (exitCode !== 0) throw new Error(stderr);
  return page;
}

const opened = (names: readonly string[]): string =>
  names
    .map(name => `7 1795537112.5 openat(AT_FDCWD, "${name}", O_RDONLY) = 3<${name.replace(/"/g, '\\"')}>\n`)
    .join('');

/** Names as strace writes them that try to break out of text, attributes, scripts and comments, or to turn text round. */
const HOSTILE = [
  '/srv/<script>document.title=1</script>',
  '/srv/<img src=x onerror=document.title=1>',
  '/srv/</script><script>document.title=1</script>',
  '/srv/</template></details></ul><script>document.title=1</script>',
  '/srv/\\" onclick=\\"document.title=1\\" x=\\"',
  "/srv/' onfocus='document.title=1' autofocus='",
  '/srv/<!--',
  '/srv/]]>&lt;b&gt;&amp;',
  '/srv/\\342\\200\\256gpj.exe',
  '/srv/\\342\\201\\246\\330\\234hidden',
  '/srv/\\33[2J\\33]0;x\\7\\n[Service]\\nUser=root',
  '/srv/latin-\\351',
  '/srv/\\360\\237\\222\\251 \\327\\220\\327\\221',
];

inBrowser('[browser] hostile names are shown, and do nothing', async t => {
  const log = join(dir, 'hostile.strace');
  const start = '7 1795537112.1 execve("/opt/<img src=x onerror=alert(1)>", ["x"], 0x1 /* 1 var */) = 0\n';
  writeFileSync(log, start + opened(HOSTILE) + opened(HOSTILE.map((_, i) => `/srv/more/${'abcdefghijklmnop'[i]}`)));
  const { page, complaints, requests } = await visit(browser, await report('hostile', log));
  t.is(await page.title(), '<img src=x onerror=alert(1)>: what it does');
  t.is(await page.locator('h1').textContent(), '<img src=x onerror=alert(1)>');
  t.is(await page.locator('script').count(), 2);
  t.is(await page.locator('img, b b, [onclick], [onfocus], [autofocus]').count(), 0);
  const names = await page.locator('#tree .leaf .name').allTextContents();
  t.true(names.includes('\\u202egpj.exe'), names.join('\n'));
  t.true(names.includes('\\u2066\\u061chidden'));
  t.true(names.includes('\\x1b[2J\\x1b]0;x\\x07\\n[Service]\\nUser=root'));
  t.true(names.includes('latin-\\xe9'));
  await page.locator('#query').fill('document.title');
  await page.locator('#results li').first().waitFor();
  t.is(await page.locator('#results > li').count(), 6);
  t.is(await page.title(), '<img src=x onerror=alert(1)>: what it does');
  t.deepEqual(complaints, []);
  t.is(requests.length, 1);
});

inBrowser('[browser] a script that found its way into the page would not run', async t => {
  const page = await report('policy', fixture('vfork/y.strace'));
  const text = readFileSync(page, 'utf8');
  const injected =
    '<script>document.title="taken"</script><p onclick="document.title=1">x</p><img src="https://example.org/x.png">';
  writeFileSync(page, text.replace('</header>', `${injected}</header>`));
  const seen = await visit(browser, page);
  t.not(await seen.page.title(), 'taken');
  await seen.page.locator('p[onclick]').click();
  t.not(await seen.page.title(), '1');
  t.true(
    seen.complaints.length >= 2 && seen.complaints.every(text => /Content Security Policy/.test(text)),
    seen.complaints.join('\n'),
  );
});

for (const dark of [false, true])
  inBrowser(`[browser] axe finds nothing wrong: ${dark ? 'dark' : 'light'}`, async t => {
    const path = await report('axe', fixture('opensmtpd/y.strace.gz'));
    // Both widths, both themes, with and without a search: each pair once, because axe takes its time.
    for (const [width, filters] of [
      [1280, dark ? ['smtpd'] : ['']],
      [390, dark ? [''] : ['smtpd']],
    ] as const) {
      const { page, complaints } = await visit(browser, path, { dark, width });
      await page.locator('.tree details.leaf').first().locator('summary').click();
      for (const filter of filters) {
        await page.locator('#query').fill(filter);
        if (filter !== '') await page.locator('#results li').first().waitFor();
        const found: unknown = await page.evaluate(
          `${AXE}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
            .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' | ')))`,
        );
        t.deepEqual(found, []);
      }
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      t.is(overflow, 0, `the page is wider than a window of ${width}`);
      t.deepEqual(complaints, []);
    }
  });

inBrowser('[browser] search and filters find paths and rows; Escape brings everything back', async t => {
  const { page } = await visit(browser, await report('search', fixture('opensmtpd/y.strace.gz')));
  await page.keyboard.press('/');
  await page.keyboard.type('spool queue');
  await page.locator('#results li').first().waitFor();
  const paths = await page.locator('#results .name').allTextContents();
  t.true(paths.length > 0 && paths.every(path => path.includes('spool') && path.includes('queue')));
  t.true(await page.locator('#tree').isHidden());
  t.regex((await page.locator('#answer').textContent()) ?? '', /^\d+ paths, \d+ other rows?$/);
  await page.keyboard.press('Escape');
  t.true(await page.locator('#tree').isVisible());
  await page.getByRole('button', { name: 'execute' }).click();
  t.true((await page.locator('#results .name').allTextContents()).includes('/usr/sbin/smtpd'));
  await page.locator('#query').fill('no such thing');
  await page.locator('#nothing').waitFor();
  t.true(await page.locator('#syscalls .call').first().isHidden());
});

inBrowser('[browser] the tree is moved through by keys', async t => {
  const { page } = await visit(browser, await report('keys', fixture('opensmtpd/y.strace.gz')));
  const focused = (): Promise<string> =>
    page.evaluate("document.activeElement?.querySelector('.name')?.textContent ?? ''");
  await page.locator('#tree summary').first().focus();
  t.is(await focused(), '/');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  t.is(await focused(), 'dev/');
  await page.keyboard.press('ArrowLeft');
  t.is(await page.locator('#tree details.branch', { hasText: 'dev/' }).nth(1).getAttribute('open'), null);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  t.is(await focused(), 'log');
  await page.keyboard.press('Enter');
  t.true(await page.locator('#tree .leaf[open] dl').isVisible());
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  t.is(await focused(), 'dev/');
});

inBrowser('[browser] without JavaScript everything is there to read', async t => {
  const { page } = await visit(browser, await report('plain', fixture('opensmtpd/y.strace.gz')), { script: false });
  t.true(await page.locator('#search').isHidden());
  t.true(await page.getByRole('heading', { name: 'Verdict' }).isVisible());
  t.is(await page.locator('#tree .name', { hasText: /^smtpd\.conf$/ }).count(), 1);
  await page.locator('#tree .leaf summary', { hasText: 'smtpd.conf' }).click();
  t.true(await page.locator('#tree .leaf[open] dl').isVisible());
  await page.locator('.dropin summary').click();
  t.regex((await page.locator('#dropin').textContent()) ?? '', /^\[Service\]$/m);
});

/** A number as four letters, so that nothing of it is taken for a volatile name. */
const letters = (n: number): string =>
  [8000, 400, 20, 1].map(power => 'ghijklmnopqrstuvwxyz'[Math.floor(n / power) % 20]).join('');

inBrowser('[browser] 50,000 paths open, unfold and are searched', async t => {
  const log = join(dir, 'large.strace');
  const names = Array.from({ length: 50_000 }, (_, i) =>
    i < 30_000 ? `/srv/flat/${letters(i)}` : `/srv/tree/${letters(i >> 9)}/${letters(i)}/${letters(i * 7)}`,
  );
  writeFileSync(log, opened(names));
  const path = await report('large', log);
  t.true(readFileSync(path).length < 6e6);
  const { page, complaints } = await visit(browser, path);
  await page.locator('#tree details.branch > summary', { hasText: 'flat/' }).last().click();
  const flat = page.locator('#tree details.branch[open]', { hasText: 'flat/' }).last();
  await flat.locator('ul > li').nth(199).waitFor();
  t.is(await flat.locator('ul > li').count(), 201);
  await flat.getByRole('button', { name: 'Show 200 more of 29,800' }).click();
  t.is(await flat.locator('ul > li').count(), 401);
  await page.locator('#query').fill(names[12_345] ?? '');
  await page.locator('#results li').first().waitFor();
  t.deepEqual(await page.locator('#results .name').allTextContents(), [names[12_345]]);
  await page.locator('#query').fill('srv');
  await page.locator('#answer', { hasText: '50,000 paths' }).waitFor();
  t.deepEqual(complaints, []);
  const plain = await visit(browser, path, { script: false });
  t.true((await plain.page.locator('#tree .rest', { hasText: '30,000 paths' }).count()) > 0);
});

inBrowser('[browser] the printed report of OpenSMTPD fits on six pages', async t => {
  const { page } = await visit(browser, await report('print', fixture('opensmtpd/y.strace.gz')));
  const pdf = (await page.pdf({ format: 'A4', preferCSSPageSize: false })).toString('latin1');
  const pages = pdf.match(/\/Type\s*\/Page(?![a-z])/g)?.length ?? 0;
  t.true(pages >= 2 && pages <= 6, `${pages} pages`);
});
