// The log of a live run: a FIFO that only its owner can reach, so that strace's output mixes with nothing and touches no disk.
// It knows nothing of what the bytes mean. Source: fifo(7).

import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { fileTrouble, UsageError } from '../errors.ts';

/**
 * Drains the log when we have been killed: strace would else complain on the command's stderr about every line, or block. It lies idle until
 * its descriptor 3, whose other end only we hold, is closed.
 */
const KEEPER = 'read -r _ <&3; exec cat >/dev/null';

export class LiveLog {
  /** What strace is to open (`-o`). */
  readonly path: string;
  readonly #directory: string;
  readonly #socket: Socket;
  /** Held so that the log does not end before strace has opened it; null once it has. */
  #writer: number | null;
  readonly #keeper: ReturnType<typeof spawn>;

  private constructor(directory: string, path: string) {
    this.#directory = directory;
    this.path = path;
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#writer = openSync(path, constants.O_WRONLY);
    const spare = openSync(path, constants.O_RDONLY);
    this.#keeper = spawn('/bin/sh', ['-c', KEEPER], {
      stdio: [spare, 'ignore', 'ignore', 'pipe'],
      detached: true,
      cwd: '/',
    });
    this.#keeper.unref();
    closeSync(spare);
    this.#socket = new Socket({ fd: reader, readable: true, writable: false });
  }

  /** Makes the FIFO, in a directory of its own below $TMPDIR. */
  static async create(): Promise<LiveLog> {
    const directory = await mkdtemp(join(tmpdir(), 'allowtrace-')).catch((error: unknown) => {
      throw new UsageError(
        'no-fifo',
        `${tmpdir()}: ${fileTrouble(error)}`,
        'set TMPDIR to a directory that can be written',
      );
    });
    const path = join(directory, 'log');
    // Without `cleanup`, for which execa listens to signals: one that comes while it stops to listen would be lost.
    await execa('mkfifo', ['-m', '600', path], { stdin: 'ignore', cleanup: false });
    return new LiveLog(directory, path);
  }

  /** Gives every chunk to `take`; resolves when nobody can write any more: to whether anything was written. */
  async read(take: (chunk: Buffer) => void): Promise<boolean> {
    let any = false;
    for await (const chunk of this.#socket) {
      if (!any) this.opened();
      any = true;
      if (Buffer.isBuffer(chunk)) take(chunk);
    }
    this.close();
    return any;
  }

  /** strace has opened the log, or never will: from now on it ends with its last writer, and needs no name. */
  opened(): void {
    if (this.#writer === null) return;
    closeSync(this.#writer);
    this.#writer = null;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Frees everything; harmless to repeat. */
  close(): void {
    this.opened();
    this.#socket.destroy();
    this.#keeper.stdio[3]?.destroy();
  }
}
