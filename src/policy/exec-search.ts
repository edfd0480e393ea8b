// Where systemd looks for a program that is named without a path: systemd.service(5), «Command lines»; DEFAULT_PATH of src/basic/path-util.h.

export const EXEC_SEARCH: readonly string[] = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];

/** The files that a program may be, the one that is taken first in front. */
export const candidates = (program: string): readonly string[] =>
  program.includes('/') ? [program] : EXEC_SEARCH.map(directory => `${directory}/${program}`);
