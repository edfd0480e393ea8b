// A real systemd for tests, booted by the script beside this file. Tests that use it carry `[systemd]` in their title.

import { randomBytes } from 'node:crypto';
import { accessSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExecaError, execa, execaSync, type Result } from 'execa';

const script = new URL('../../../test/support/systemd-host', import.meta.url).pathname;

export interface SystemdHost {
  /** Runs a command inside; never throws, look at its exit code. */
  run(file: string, ...args: string[]): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }>;
  /** Where its files are seen from outside; another place after a reboot. */
  readonly root: string;
  /** Writes a file inside. */
  write(path: string, text: string): Promise<void>;
  /** As after a power cut: all processes, /run and /tmp are gone, the files are not. */
  reboot(): Promise<void>;
  halt(): Promise<void>;
}

interface BootOptions {
  chrooted?: boolean;
  root?: string;
}

/** Why no namespaces and mounts can be made here, or null: root of a container may lack the right to. */
export function mountObstacle(): string | null {
  if (process.getuid?.() !== 0) return 'needs root';
  const probe = 'mount --make-rprivate / && mount -t cgroup2 none /mnt';
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--net', '--cgroup', '--fork'];
  const { failed } = execaSync('unshare', [...namespaces, 'sh', '-c', probe], { reject: false, stdio: 'ignore' });
  return failed ? 'needs the right to make namespaces and mounts (a privileged container)' : null;
}

/** Why no systemd can be booted here, or null. */
export function systemdObstacle(): string | null {
  try {
    accessSync('/lib/systemd/systemd');
  } catch {
    return 'systemd is not installed';
  }
  return mountObstacle();
}

/** Boots a systemd; `chrooted`: in a chroot, as some container managers do; `root`: the system in that folder, not this machine's. */
export async function bootSystemd({ chrooted = false, root: system }: BootOptions = {}): Promise<SystemdHost> {
  const dir = join('/var/lib', `allowtrace-test-${randomBytes(4).toString('hex')}`);
  const env = {
    ...(chrooted ? { CHROOTED: '1' } : {}),
    ...(system === undefined ? {} : { SYSTEM_ROOT: system, NODE: process.execPath }),
  };
  await execa(script, ['boot', dir], { stdio: 'ignore', env });
  const outcome = ({
    exitCode,
    stdout,
    stderr,
  }: Result | ExecaError): { exitCode: number | undefined; stdout: string; stderr: string } => ({
    exitCode,
    stdout: String(stdout),
    stderr: String(stderr),
  });
  const root = (): string => `/proc/${readFileSync(join(dir, 'pid'), 'utf8').trim()}/root`;
  return {
    get root() {
      return root();
    },
    run: async (file, ...args) =>
      outcome(await execa(script, ['run', dir, file, ...args], { reject: false, stdin: 'ignore' })),
    write: async (path, text) => {
      const target = join(root(), path);
      await execa('mkdir', ['-p', join(target, '..')]);
      await writeFile(target, text);
    },
    reboot: async () => {
      await execa(script, ['reboot', dir], { stdio: 'ignore' });
    },
    halt: async () => {
      await execa(script, ['halt', dir], { reject: false });
    },
  };
}
