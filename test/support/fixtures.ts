// Finding the recorded logs, and running the command as a user would.

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { execa, execaSync } from 'execa';

export const root = new URL('../../../', import.meta.url).pathname;
export const bin: string = `${root}bin/allowtrace.js`;

export const fixture = (name: string): string => `${root}fixtures/${name}`;

/** Every recorded log that is one file. */
export function allFixtures(): string[] {
  return readdirSync(fixture(''), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(fixture(name)).map(file => `${name}/${file}`))
    .filter(name => /\.strace(?:\.gz|\.zst)?$/.test(name));
}

/** The text of a fixture, unpacked, one character per byte. */
export function fixtureText(name: string): string {
  const path = fixture(name);
  if (name.endsWith('.gz')) return gunzipSync(readFileSync(path)).toString('latin1');
  if (name.endsWith('.zst'))
    return Buffer.from(
      execaSync('zstd', ['-dcq', path], { encoding: 'buffer', stripFinalNewline: false }).stdout,
    ).toString('latin1');
  return readFileSync(path, 'latin1');
}

/** Runs `allowtrace …`; never throws, look at its exit code. */
export async function allowtrace(
  args: readonly string[],
  input?: string,
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(bin, args, {
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
  return { exitCode, stdout, stderr };
}
