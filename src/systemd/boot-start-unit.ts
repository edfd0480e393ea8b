// The unit that starts a service as after a boot: stops it, sets aside what it left in /run, lets tmpfiles.d make what it makes at boot, and
// starts it. systemd runs it to its end whatever becomes of allowtrace, so that no service stays stopped. Pure text.
// Sources: systemd.service(5), systemd-tmpfiles(8) (--boot, --prefix), systemd.unit(5) (Requires= stops dependents too).

import { quoteWord } from './exec-line.ts';

export interface BootStart {
  unit: string;
  /** What is set aside, and the directory for it. */
  paths: readonly string[];
  aside: string;
  /** Running units that stop with this one, and are started again. */
  dependents: readonly string[];
}

/** Where the n-th path is kept. */
export const asideOf = (aside: string, index: number): string => `${aside}/${index}`;

/** For /bin/sh: the directory, then pairs of names. */
export const SET_ASIDE = `mkdir -p -m 0700 "$1"; shift
while [ $# -gt 0 ]; do
if [ -e "$1" ] || [ -L "$1" ]; then mv -T -- "$1" "$2"; fi
shift 2
done`;

const START_AGAIN = 'for unit; do systemctl --quiet is-active "$unit" || systemctl start "$unit"; done';

const shell = (script: string, words: readonly string[]): string =>
  `/bin/sh -c ${[script, 'sh', ...words].map(word => quoteWord(word)).join(' ')}`;

/** The words behind SET_ASIDE. */
export const asideWords = ({ paths, aside }: Pick<BootStart, 'paths' | 'aside'>): string[] => [
  aside,
  ...paths.flatMap((path, i) => [path, asideOf(aside, i)]),
];

/** `systemd-tmpfiles` makes what a boot would. */
export const tmpfilesWords = (paths: readonly string[]): string[] => [
  '--create',
  '--boot',
  ...paths.map(path => `--prefix=${path}`),
];

export function bootStartText(start: BootStart): string {
  const { unit, paths, dependents } = start;
  const again = dependents.length === 0 ? '' : `ExecStopPost=-${shell(START_AGAIN, dependents)}\n`;
  return `[Unit]
Description=Start ${unit} as after a boot

[Service]
Type=oneshot
ExecStart=systemctl stop -- ${quoteWord(unit)}
ExecStart=-${shell(SET_ASIDE, asideWords(start))}
ExecStart=-systemd-tmpfiles ${tmpfilesWords(paths)
    .map(word => quoteWord(word))
    .join(' ')}
ExecStart=systemctl start -- ${quoteWord(unit)}
${again}`;
}
