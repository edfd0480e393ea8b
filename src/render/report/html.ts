// HTML that cannot be injected into: whatever is put into the template is escaped, and made printable, unless it is Html already.

import { createHash } from 'node:crypto';
import { printable } from '../printable.ts';

/** Markup that is safe to put into a page. Made by `html` alone. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Html | string | number | null | false | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => printable(text).replace(/[&<>"']/g, char => ENTITIES[char] ?? char);

function markup(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  return typeof part === 'number' ? String(part) : part.map(markup).join('');
}

/** html`<p title="${anything}">${anything}</p>`; null and false leave nothing. Attribute values stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + markup(parts[i - 1] ?? null) + string));
}

/** Data for a script, as the content of <script type="application/json">: nothing in it can end the element. */
export const jsonFor = (value: unknown): Html =>
  new Html(
    JSON.stringify(value).replace(
      /[<>&\u2028\u2029]/g,
      char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * A whole page, self-contained: no network, no other files. Its policy for content allows this style sheet and this script by their hashes, and
 * nothing else: CSP Level 3, https://www.w3.org/TR/CSP3/. `body` is what stands in the body, without the script.
 */
export function document(
  { title, style, script }: { title: string; style: string; script?: string },
  body: Html,
): string {
  const scripts = script === undefined ? '' : `script-src ${hash(script)}; `;
  const policy = `default-src 'none'; style-src ${hash(style)}; ${scripts}base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
${body}
${script !== undefined && html`<script type="module">${new Html(script)}</script>\n`}</body>
</html>
`.text;
}
