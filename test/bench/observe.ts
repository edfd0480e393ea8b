// What observing costs by itself, as it is done beside a running service: a log comes in pieces of a pipe's size.
// Prints the CPU seconds for 100,000 lines, without the start of node.

import { readFileSync } from 'node:fs';
import { Observer } from '../../src/profile/observer.ts';

const PIPE = 1 << 16;
const log = readFileSync(process.argv[2] ?? '');
const before = process.cpuUsage();
const observer = new Observer({ id: 'bench', trace: 'bench', mode: 'complete' });
for (let at = 0; at < log.length; at += PIPE) observer.push(log.subarray(at, at + PIPE));
observer.end();
observer.snapshot();
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${((user + system) / 1e6 / observer.stats.lines) * 100_000}\n`);
