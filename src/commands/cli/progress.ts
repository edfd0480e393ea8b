// A progress bar on stderr for long logs: only on a terminal, redrawn a few times a second, wiped at the end.

import type { Io } from './command.ts';

const INTERVAL_MS = 200;
const WIDTH = 30;

export interface Progress {
  /** `done` of `total` units; `note` is shown behind the bar. */
  update(done: number, note: () => string): void;
  end(): void;
}

/** A bar for `total` bytes; silent when stderr is no terminal. */
export function progressBar(io: Io, total: number | undefined): Progress {
  if (!io.stderr.isTTY) return { update: () => undefined, end: () => undefined };
  let last = 0;
  return {
    update(done, note) {
      const now = Date.now();
      if (now - last < INTERVAL_MS) return;
      last = now;
      const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total);
      const filled = Math.round((share ?? 0) * WIDTH);
      const bar =
        share === undefined ? '' : `${'━'.repeat(filled)}${'─'.repeat(WIDTH - filled)} ${Math.round(share * 100)} % `;
      io.stderr.write(`\r\x1b[K${bar}${note()}`);
    },
    end() {
      if (last > 0) io.stderr.write('\r\x1b[K');
    },
  };
}
