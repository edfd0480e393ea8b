// Runs commands as a user would and says what they took. What is to be compared runs in turn, so that both meet the same machine.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bin, root } from '../support/fixtures.ts';

/** One run. */
export interface Run {
  seconds: number;
  /** CPU seconds and the greatest resident size, of programs of node; else NaN. */
  cpu: number;
  megabytes: number;
}

export interface Command {
  file: string;
  args: string[];
}

const preload = join(root, 'build/test/bench/usage.js');

/** A script of the benchmark, or the command itself, under node. */
export const script = (name: string, ...args: string[]): Command => ({
  file: process.execPath,
  args: ['--import', preload, join(root, `build/test/bench/${name}.js`), ...args],
});
export const allowtrace = (...args: string[]): Command => ({
  file: process.execPath,
  args: ['--import', preload, bin, ...args],
});
export const shell = (line: string, ...args: string[]): Command => ({
  file: '/bin/bash',
  args: ['-c', line, 'bash', ...args],
});

export async function run({ file, args }: Command): Promise<Run & { stdout: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'allowtrace-bench-'));
  const path = join(folder, 'usage');
  try {
    const start = performance.now();
    const { stdout } = await execa(file, args, { stdin: 'ignore', stderr: 'ignore', env: { ALLOWTRACE_USAGE: path } });
    const seconds = (performance.now() - start) / 1000;
    return { seconds, stdout, ...usage(path) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function usage(path: string): { cpu: number; megabytes: number } {
  try {
    const { cpu, megabytes }: { cpu: number; megabytes: number } = JSON.parse(readFileSync(path, 'utf8'));
    return { cpu, megabytes };
  } catch {
    return { cpu: Number.NaN, megabytes: Number.NaN };
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** Medians of `rounds` runs of each command, A B C A B C …, after one round that does not count; the greatest of the sizes. */
export async function inTurn(
  commands: Readonly<Record<string, Command>>,
  rounds: number,
): Promise<(name: string) => Run> {
  const runs = new Map<string, Run[]>(Object.keys(commands).map(name => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const [name, command] of Object.entries(commands)) {
      const one = await run(command);
      if (round >= 0) runs.get(name)?.push(one);
    }
  return name => {
    const all = runs.get(name) ?? [];
    return {
      seconds: median(all.map(({ seconds }) => seconds)),
      cpu: median(all.map(({ cpu }) => cpu)),
      megabytes: Math.max(...all.map(({ megabytes }) => megabytes)),
    };
  };
}
