// How much of its throughput a server keeps while it is learned: redis and nginx, untraced, under `allowtrace learn`, and under plain
// `strace -f -y`, one after the other in every round, so that a busy machine troubles all alike. It prints a table; bench.ts quotes it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { bin } from '../support/fixtures.ts';

/** A server and what loads it; the load answers with requests per second. Slow ways get a `share` of the requests. */
interface Workload {
  name: string;
  server: (folder: string, port: number) => Promise<string[]>;
  load: (port: number, share: number) => Promise<number>;
}

/** Medians of requests per second. */
export interface Throughput {
  name: string;
  rounds: number;
  untraced: number;
  learn: number;
  strace: number;
}

const WAYS = {
  untraced: (command: string[]) => command,
  learn: (command: string[], folder: string) => [
    ...[bin, 'learn', '--profile', join(folder, 'profile.json'), '-o', join(folder, 'proposal')],
    ...['--no-verify', '--', ...command],
  ],
  strace: (command: string[], folder: string) => ['strace', '-f', '-y', '-o', join(folder, 'log'), ...command],
} as const;
type Way = keyof typeof WAYS;
const ORDER: readonly Way[] = ['untraced', 'learn', 'strace'];

const nginx = (name: string, location: string): Workload => ({
  name,
  async server(folder, port) {
    const config = join(folder, 'nginx.conf');
    await writeFile(join(folder, 'index.html'), `${'hello '.repeat(100)}\n`);
    await writeFile(
      config,
      `daemon off; user root; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 256; }
http { access_log ${folder}/access.log; keepalive_requests 1000000; server { listen 127.0.0.1:${port}; root ${folder}; location / { ${location} } } }
`,
    );
    return ['nginx', '-c', config, '-e', join(folder, 'error.log')];
  },
  async load(port) {
    const { stdout } = await execa('wrk', ['-t1', '-c16', '-d2s', `http://127.0.0.1:${port}/`]);
    return Number(/^Requests\/sec:\s*([\d.]+)/m.exec(stdout)?.[1]);
  },
});

const redis = (name: string, test: string): Workload => ({
  name,
  server: async (folder, port) => ['redis-server', '--port', String(port), '--save', '', '--dir', folder],
  async load(port, share) {
    const words = ['-p', String(port), '-t', test, '-n', String(REDIS_REQUESTS * share), '-c', '16', '--csv'];
    const { stdout } = await execa('redis-benchmark', words);
    return Number(stdout.split('\n')[1]?.split(',')[1]?.replaceAll('"', ''));
  },
});

const WORKLOADS: readonly Workload[] = [
  redis('redis-server, GET', 'get'),
  redis('redis-server, SET', 'set'),
  nginx('nginx, short answers', 'return 200 "hello\\n";'),
  nginx('nginx, a file, open_file_cache', 'open_file_cache max=100; open_file_cache_valid 60s;'),
  nginx('nginx, a file opened for each request', ''),
];

/** So many that starting up does not count. */
const REDIS_REQUESTS = 300_000;
const FIRST_PORT = 26_379;

async function listening(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>(answer => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => answer(true)).once('error', () => answer(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
}

async function once(workload: Workload, way: Way, port: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-live-'));
  try {
    const [program = '', ...words] = WAYS[way](await workload.server(folder, port), folder);
    const server = execa(program, words, { stdio: 'ignore', reject: false });
    try {
      await listening(port);
      return await workload.load(port, way === 'strace' ? 0.05 : 1);
    } finally {
      // strace -o ignores SIGTERM: what it traces is asked to end.
      if (way === 'strace') await execa('pkill', ['-TERM', '-P', String(server.pid)], { reject: false });
      else server.kill('SIGTERM');
      await server;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Measures every workload `rounds` times in each way. */
export async function measureLive(
  rounds: number,
  tell: (text: string) => void = () => undefined,
): Promise<Throughput[]> {
  const results: Throughput[] = [];
  let port = FIRST_PORT;
  for (const workload of WORKLOADS) {
    const seen: Record<Way, number[]> = { untraced: [], learn: [], strace: [] };
    for (let round = 0; round < rounds; round++)
      for (const way of ORDER) {
        seen[way].push(await once(workload, way, port++));
        tell(`${workload.name}: ${way} ${Math.round(seen[way].at(-1) ?? 0)} requests/s\n`);
      }
    const { untraced, learn, strace } = seen;
    results.push({
      name: workload.name,
      rounds,
      untraced: median(untraced),
      learn: median(learn),
      strace: median(strace),
    });
  }
  return results;
}

/** The results as a table in Markdown. */
export function liveTable(results: readonly Throughput[]): string {
  const ratio = (part: number, whole: number): string => (part / whole).toFixed(2);
  const rows = results.map(
    ({ name, untraced, learn, strace }) =>
      `| ${name} | ${Math.round(untraced)} | ${ratio(learn, untraced)} | ${ratio(strace, untraced)} |`,
  );
  return `| workload | untraced, requests/s | under \`allowtrace learn\` | under \`strace -f -y\` |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.stdout.write(liveTable(await measureLive(Number(process.argv[2] ?? 5), text => process.stderr.write(text))));
