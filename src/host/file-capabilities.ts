// File capabilities: the extended attribute security.capability, which Node cannot read and getcap(8) shows. Source: capabilities(7),
// cap_text_formats(7). Where there is no getcap, none are known.

import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { CAPABILITIES } from '../process/constants/capabilities.ts';
import type { FileCapabilities } from '../profile/programs.ts';

/** Directories of programs for root, which are not in everybody's PATH. */
const SBIN = '/usr/sbin:/sbin';

/** The permitted capabilities in what getcap says behind the name: `cap_net_raw=ep`, of old versions `= cap_net_raw+ep`; `=ep` is all. */
function parse(text: string): FileCapabilities | null {
  const names = new Set<string>();
  let effective = false;
  for (const [, listed = '', flags = ''] of text.matchAll(/([a-z0-9_,]*)[=+]([eip]+)/g)) {
    if (!flags.includes('p')) continue;
    effective ||= flags.includes('e');
    for (const name of listed === '' ? CAPABILITIES : listed.toUpperCase().split(',')) names.add(name);
  }
  return names.size === 0 ? null : { names: [...names], effective };
}

/** What the file at an absolute path gives whoever executes it; null: nothing. */
export function fileCapabilities(path: string): FileCapabilities | null {
  const { stdout } = spawnSync('getcap', [path], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:${SBIN}` },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // A name may look like capabilities.
  return typeof stdout === 'string' && stdout.startsWith(path) ? parse(stdout.slice(path.length)) : null;
}
