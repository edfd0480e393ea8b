// A terminal for commands that look for one: python3's pty module, since Node has none. Keys are typed when a text has appeared.

import { execa } from 'execa';

const SCRIPT = `
import fcntl, json, os, pty, struct, sys, termios
words, keys = json.loads(sys.argv[1]), json.loads(sys.argv[2])
pid, fd = pty.fork()
if pid == 0:
    os.execvp(words[0], words)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 100, 0, 0))
seen = b''
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    sys.stdout.buffer.write(data)
    if keys and keys[0][0].encode() in seen:
        os.write(fd, keys.pop(0)[1].encode())
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xff)
`;

/** Runs `words` on a terminal of 24 × 100, here or where `run` does; `keys` are pairs of [text to wait for, what to type then]. A death by signal N is status 256 − N. */
export async function onTerminal(
  words: readonly string[],
  keys: readonly (readonly [string, string])[],
  run: (file: string, ...args: string[]) => Promise<{ exitCode?: number | undefined; stdout: string }> = (
    file,
    ...args
  ) => execa(file, args, { reject: false, stdin: 'ignore', env: { TERM: 'xterm', NO_COLOR: '' } }),
): Promise<{ exitCode: number | undefined; screen: string }> {
  const { exitCode, stdout } = await run('python3', '-c', SCRIPT, JSON.stringify(words), JSON.stringify(keys));
  return { exitCode, screen: stdout };
}
