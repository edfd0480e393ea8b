// What low overhead costs: the price of a call that strace stops at and of one that its filter lets pass, and how often nginx stops for a
// request. It prints what docs/limits.md quotes: as root, with strace, nginx, wrk and python3, `node build/test/bench/stops.js`.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { straceArguments } from '../../src/strace/launch.ts';
import { until } from '../support/until.ts';

const folder = await mkdtemp(join(tmpdir(), 'allowtrace-stops-'));
const traced = (log: string, command: string[]): [string, string[]] => [
  'strace',
  [...straceArguments('seccomp', log), ...command],
];

/** Calls `expression` again and again; prints the shortest mean of 20 in microseconds. */
const loop = (expression: string): string[] => [
  'python3',
  '-c',
  `import os, time
fd = os.open("/etc/hostname", os.O_RDONLY)
best = 1
for _ in range(20):
    began = time.perf_counter()
    for _ in range(500): ${expression}
    best = min(best, (time.perf_counter() - began) / 500)
print(best * 1e6)`,
];

/** Microseconds that tracing adds to a call: the least of five, since others may use the machine. */
async function added(expression: string): Promise<number> {
  const [program = '', ...words] = loop(expression);
  const costs: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { stdout: without } = await execa(program, words);
    const { stdout: within } = await execa(...traced('/dev/null', [program, ...words]));
    costs.push(Number(within) - Number(without));
  }
  return Math.min(...costs);
}

const PORT = 26_370;
const CONFIGS = {
  'short answers': 'access_log %/access.log; server { listen %PORT; location / { return 200 "hello"; } }',
  'a file, open_file_cache':
    'access_log %/access.log; open_file_cache max=100; server { listen %PORT; root %; location / { } }',
  'a file opened for each request': 'access_log %/access.log; server { listen %PORT; root %; location / { } }',
  "the same with the settings of Debian's nginx.conf":
    'access_log %/access.log; sendfile on; tcp_nopush on; gzip on; server { listen %PORT; root %; location / { } }',
};

/** Calls that strace showed while nginx answered, for each request. */
async function stops(http: string): Promise<{ requests: number; calls: Map<string, number> }> {
  const text = http.replaceAll('%PORT', `127.0.0.1:${PORT}`).replaceAll('%/', `${folder}/`).replaceAll('%', folder);
  const [config, log, pid] = [join(folder, 'nginx.conf'), join(folder, 'log'), join(folder, 'pid')];
  await writeFile(join(folder, 'index.html'), 'hello '.repeat(100));
  await writeFile(
    config,
    `daemon off; user root; worker_processes 1; pid ${pid}; events { worker_connections 256; } http { keepalive_requests 1000000; ${text} }`,
  );
  const server = execa(...traced(log, ['nginx', '-c', config, '-e', join(folder, 'error.log')]), { reject: false });
  const load = async (connections: number): Promise<number> => {
    const words = ['-t1', `-c${connections}`, '-d1s', `http://127.0.0.1:${PORT}/`];
    const { stdout } = await execa('wrk', words, { reject: false });
    return Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  };
  await until(async () => (await load(1)) > 0);
  const before = (await readFile(log, 'latin1')).length;
  const requests = await load(16);
  const during = (await readFile(log, 'latin1')).slice(before);
  process.kill(Number(await readFile(pid, 'utf8')), 'SIGTERM');
  await server;
  const calls = new Map<string, number>();
  for (const [, name = ''] of during.matchAll(/^\d+ +[\d.]+ (\w+)\(/gm)) calls.set(name, (calls.get(name) ?? 0) + 1);
  return { requests, calls };
}

try {
  const cost = [await added('os.access("/etc/hostname", 0)'), await added('os.pread(fd, 1, 0)')] as const;
  process.stdout.write(
    `a call that is traced: ${cost[0].toFixed(1)} µs more; one that passes: ${cost[1].toFixed(2)} µs more\n\n`,
  );
  process.stdout.write('| nginx | traced calls for each request |\n|---|---|\n');
  for (const [name, http] of Object.entries(CONFIGS)) {
    const { requests, calls } = await stops(http);
    const often = [...calls].flatMap(([call, times]) =>
      times < requests / 2 ? [] : [`${(times / requests).toFixed(1)} ${call}`],
    );
    process.stdout.write(`| ${name} | ${often.join(', ') || 'none'} |\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
