// Runs a short program to its end for what it prints. With Node's own means: loading execa takes longer than most of these programs run.

import { execFile } from 'node:child_process';
import process from 'node:process';
import { debug } from './debug.ts';

export interface ProgramOutput {
  /** Both without the newline at the end. */
  stdout: string;
  stderr: string;
  /** It could not be run, took too long, or ended with a status other than 0. */
  failed: boolean;
  /** There is no such program. */
  missing: boolean;
}

const LARGEST = 64 * 1024 * 1024;

/** `env` is added to our own environment. Its standard input is empty. Never rejects. */
export function programOutput(
  file: string,
  args: readonly string[],
  { env = {}, timeout = 0 }: { env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<ProgramOutput> {
  return new Promise(resolve => {
    const options = { env: { ...process.env, ...env }, timeout, maxBuffer: LARGEST };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      debug(() => `ran ${file} ${args.join(' ')}${error === null ? '' : `: ${error.message.split('\n')[0]}`}`);
      resolve({
        stdout: stdout.replace(/\n$/, ''),
        stderr: stderr.replace(/\n$/, ''),
        failed: error !== null,
        missing: error !== null && 'code' in error && error.code === 'ENOENT',
      });
    });
    // A program that has ended already reads nothing.
    child.stdin?.on('error', () => undefined).end();
  });
}
