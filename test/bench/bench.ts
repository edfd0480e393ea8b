// npm run bench: measures allowtrace beside what can be measured on the same logs, and writes docs/benchmarks.md.
// `--quick PAGE` takes small logs out of fixtures/ and writes PAGE instead: it shows that the benchmark works, not how fast anything is.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fixtureText, root } from '../support/fixtures.ts';
import { type Curve, drawing, type Point } from './curves.ts';
import { GROWTHS } from './growth.ts';
import {
  gzipped,
  measure,
  PROGRAMS,
  type Program,
  recording,
  recordPrograms,
  repeatedLog,
  zstandard,
} from './inputs.ts';
import { liveTable, measureLive } from './live.ts';
import { allowtrace, inTurn, type Run, run, script, shell } from './measure.ts';
import { count, megabytes, page, ratio, type Section, seconds, table } from './page.ts';

/** How much is done. */
interface Scale {
  rounds: number;
  /** Bytes of the logs that are timed, and of the ones whose memory is compared. */
  timed: readonly [number, ...number[]];
  sizes: readonly number[];
  /** Of the sizes in growth.ts. */
  growth: number;
  /** Rounds under load; they need wrk and the servers. */
  live: number;
}

const FULL: Scale = { rounds: 5, timed: [3e8, 2e9], sizes: [2e7, 3e8, 2e9], growth: 1, live: 5 };
const QUICK: Scale = { rounds: 1, timed: [1e6], sizes: [1e6, 2e6], growth: 0.001, live: 0 };

/** Logs and results of earlier steps are found again here: removing it is safe. */
const CACHE = '/var/tmp/allowtrace-bench';

const GREP = `LC_ALL=C grep -oE '"/[^"]+"' "$1" | sort | uniq -c`;

const say = (what: string): void => {
  process.stderr.write(`bench: ${what}\n`);
};

/** All programs in turn, to at least so many bytes. */
const mixedLog = (folder: string, bytes: number): Promise<string> =>
  repeatedLog(folder, `mixed-${bytes / 1e6}`, PROGRAMS, bytes);

/** In place of recordings under load: what the fixtures hold. */
async function recordedBefore(folder: string): Promise<void> {
  const from: Readonly<Record<Program, string>> = {
    nginx: 'nginx/y.strace',
    redis: 'redis/y.strace',
    opensmtpd: 'opensmtpd/y.strace.gz',
    compiler: 'vfork/y.strace',
    find: 'names/y.strace',
    python: 'python-start/y.strace',
  };
  for (const program of PROGRAMS) await writeFile(recording(folder, program), fixtureText(from[program]), 'latin1');
}

async function replay(folder: string, scale: Scale): Promise<Section> {
  const rows: string[][] = [];
  for (const size of scale.timed) {
    say(`replay of ${count(size / 1e6)} MB, beside split2 and grep`);
    const log = await mixedLog(folder, size);
    const { bytes, lines } = await measure(log);
    const of = await inTurn(
      {
        replay: allowtrace('replay', '--other-host', '--allow-incomplete', log),
        split2: script('split2', log),
        grep: shell(GREP, log),
      },
      scale.rounds,
    );
    const [own, split2, grep] = [of('replay').seconds, of('split2').seconds, of('grep').seconds];
    const speed = `${Math.round(bytes / 1e6 / own)} MB/s`;
    const times = [seconds(own), speed, seconds(split2), ratio(own / split2), seconds(grep), ratio(own / grep)];
    rows.push([`${count(bytes / 1e6)} MB`, count(lines), ...times]);
  }
  return {
    title: 'Replay',
    text: `Logs of all programs below in turn, again and again (\`strace -f -y -ttt\`). \`allowtrace replay\` does the whole job: it parses, follows processes, gathers the
profile and proposes a sandbox. split2 only cuts the same file into lines. grep (\`LC_ALL=C grep -oE '"/[^"]+"' LOG | sort | uniq -c\`) lists the quoted paths and knows nothing
of processes. Starting, what is seen for the first time, and the proposal weigh on the shorter log.`,
    table: table(['log', 'lines', 'replay', 'speed', 'split2', 'of split2', 'grep', 'of grep'], rows),
  };
}

async function live(scale: Scale): Promise<Section> {
  say('throughput of servers while they are learned');
  return {
    title: 'Live',
    text: `Requests per second of servers under load: untraced, under \`allowtrace learn\`, and under plain \`strace -f -y\`, in turn, medians of ${scale.live}. An nginx
that opens a file for each request stops at each of those calls, which are what is learned.`,
    table: liveTable(await measureLive(scale.live)).trimEnd(),
  };
}

async function packed(log: string, scale: Scale): Promise<Section> {
  say('packed logs');
  const [gzip, zstd] = [await gzipped(log), await zstandard(log)];
  const { file, args } = allowtrace('replay', '--other-host', '--allow-incomplete', '-');
  const piped = (unpack: string, path: string) => shell(`log=$1; shift; ${unpack} "$log" | "$@"`, path, file, ...args);
  const of = await inTurn(
    {
      gzip: allowtrace('replay', '--other-host', '--allow-incomplete', gzip),
      zcat: piped('zcat', gzip),
      zstd: allowtrace('replay', '--other-host', '--allow-incomplete', zstd),
      zstdcat: piped('zstdcat', zstd),
    },
    scale.rounds,
  );
  const row = (what: string, name: string, pipe: string): string[] => [
    what,
    seconds(of(name).seconds),
    seconds(of(pipe).seconds),
    ratio(of(name).seconds / of(pipe).seconds),
  ];
  return {
    title: 'Packed logs',
    text: 'The same log, packed: read by allowtrace itself, and unpacked by another program into its standard input.',
    table: table(
      ['', '`allowtrace replay LOG`', '`zcat LOG \\| allowtrace replay -`', 'ratio'],
      [row('gzip', 'gzip', 'zcat'), row('zstd', 'zstd', 'zstdcat')],
    ),
  };
}

async function programs(folder: string, scale: Scale): Promise<Section> {
  const rows: string[][] = [];
  for (const program of PROGRAMS) {
    say(`replay and observation of ${program}`);
    const log = await repeatedLog(folder, `${program}-timed`, [program], scale.timed[0] / 3);
    const { bytes, lines } = await measure(log);
    const of = await inTurn(
      { replay: allowtrace('replay', '--other-host', '--allow-incomplete', log), split2: script('split2', log) },
      scale.rounds,
    );
    const observing = Number((await run(script('observe', log))).stdout);
    rows.push([
      program,
      `${count(bytes / 1e6)} MB`,
      count(lines),
      seconds(of('replay').seconds),
      ratio(of('replay').seconds / of('split2').seconds),
      seconds(observing),
    ]);
  }
  return {
    title: 'By program, and what observing costs live',
    text: `Each program's log, repeated to at least ${count(scale.timed[0] / 3e6)} MB; a repeat moves process ids, times, inodes of sockets and addresses of memory on. The last column is the CPU time
that allowtrace itself burns beside a running service for 100,000 traced calls, fed through a pipe; strace's own is not in it.`,
    table: table(['', 'log', 'lines', 'replay', 'of split2', 'CPU for 100,000 calls'], rows),
  };
}

async function memory(folder: string, scale: Scale): Promise<Section> {
  const rows: string[][] = [];
  for (const size of scale.sizes) {
    say(`memory for ${count(size / 1e6)} MB`);
    const log = await mixedLog(folder, size);
    const { bytes, lines } = await measure(log);
    const one: Run = await run(allowtrace('replay', '--other-host', '--allow-incomplete', log));
    rows.push([`${count(bytes / 1e6)} MB`, count(lines), seconds(one.seconds), megabytes(one.megabytes)]);
  }
  return {
    title: 'Memory',
    text: 'The greatest resident size of `allowtrace replay`, all threads and the proposal included.',
    table: table(['log', 'lines', 'time', 'memory'], rows),
  };
}

async function growth(folder: string, scale: Scale, out: string): Promise<Section> {
  const curves: Curve[] = [];
  for (const { what, unit, largest, make } of GROWTHS) {
    const points: Point[] = [];
    for (const part of [1 / 4, 1 / 2, 3 / 4, 1]) {
      const size = Math.max(1, Math.round(largest * part * scale.growth));
      say(`growth: ${count(size)} ${unit}`);
      const { seconds: time, megabytes: space } = await run(await make(folder, size));
      points.push({ size, seconds: time, megabytes: space });
    }
    curves.push({ what, unit, points });
  }
  const image = out.replace(/\.md$/, '-growth.svg');
  await writeFile(image, drawing(curves));
  return {
    title: 'Growth',
    text: `One thing grows, everything else stays: time follows it at most in proportion (the dashed line), and memory is bounded.

![time and memory against what grows; the numbers are in the table](${basename(image)})`,
    table: table(
      ['what grows', 'to', 'time', 'memory'],
      curves.flatMap(({ what, unit, points }) =>
        points.map(({ size, seconds: time, megabytes: space }): string[] => [
          what,
          `${count(size)} ${unit}`,
          seconds(time),
          megabytes(space),
        ]),
      ),
    ),
  };
}

async function startUp(scale: Scale): Promise<Section> {
  say('start-up');
  const of = await inTurn(
    {
      node: { file: process.execPath, args: ['-e', '0'] },
      version: { file: process.execPath, args: [join(root, 'bin/allowtrace.js'), '--version'] },
      help: { file: process.execPath, args: [join(root, 'bin/allowtrace.js'), '--help'] },
      replay: { file: process.execPath, args: [join(root, 'bin/allowtrace.js'), 'replay', '--help'] },
    },
    scale.rounds * 4,
  );
  const row = (name: string, what: string): string[] => [
    what,
    seconds(of(name).seconds),
    ratio(of(name).seconds / of('node').seconds),
  ];
  return {
    title: 'Start-up',
    text: 'A command loads only what it needs.',
    table: table(
      ['', 'time', 'of `node -e 0`'],
      [
        row('node', '`node -e 0`'),
        row('version', '`allowtrace --version`'),
        row('help', '`allowtrace --help`'),
        row('replay', '`allowtrace replay --help`'),
      ],
    ),
  };
}

async function main(scale: Scale, folder: string, out: string): Promise<void> {
  say('inputs');
  if (scale === FULL) await recordPrograms(folder, 1);
  else await recordedBefore(folder);
  const log = await mixedLog(folder, scale.timed[0]);
  const grown = await mkdtemp(join(folder, 'growth-'));
  try {
    const steps = [
      () => replay(folder, scale),
      ...(scale.live > 0 ? [() => live(scale)] : []),
      () => memory(folder, scale),
      () => programs(folder, scale),
      () => startUp(scale),
      () => growth(grown, scale, out),
      () => packed(log, scale),
    ];
    const sections: Section[] = [];
    for (const step of steps) {
      sections.push(await step());
      // What was measured is kept, whatever becomes of the rest.
      await writeFile(out, page(sections));
    }
  } finally {
    await rm(grown, { recursive: true });
  }
}

const [option, target] = process.argv.slice(2);
if (option === '--quick' && target !== undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-bench-'));
  try {
    await main(QUICK, folder, target);
  } finally {
    await rm(folder, { recursive: true });
  }
} else {
  await mkdir(CACHE, { recursive: true });
  await main(FULL, CACHE, join(root, 'docs/benchmarks.md'));
}
