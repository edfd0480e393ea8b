// One JSON-shaped event per line of a log, for `allowtrace events`: what was understood of the line, and which paths it names.
// The schema is in docs/events.md. Every line is looked at in full.

import { annotationPath } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import { type ReaderOptions, TraceReader } from '../strace/reader.ts';
import type { LineRecord, RecordSink } from '../strace/records.ts';
import { encodeBytes, isDamaged } from '../strace/text.ts';
import type { PathUse } from './paths.ts';
import { cloneFlagsOf, readCall } from './read-call.ts';
import { NOTHING, ROWS } from './syscalls.ts';
import { Walker } from './walker.ts';

/** One path of an event. `path`: absolute host path or null; `path_hex`: its bytes when they are not UTF-8. */
export interface EventPath {
  path: string | null;
  path_hex?: string;
  arg: string | null;
  dirfd: number | 'AT_FDCWD' | null;
  access: readonly string[];
  via?: 'fd';
}

export interface Event {
  kind:
    | 'syscall'
    | 'unfinished'
    | 'signal'
    | 'exit'
    | 'killed'
    | 'superseded'
    | 'personality'
    | 'stack'
    | 'dump'
    | 'message'
    | 'summary'
    | 'split'
    | 'unrecognised';
  line: number;
  pid: number | null;
  text?: string;
  syscall?: string;
  resumed?: true;
  paths?: EventPath[];
  ret?: number | null;
  ret_path?: string;
  ret_deleted?: true;
  ret_annotation?: string;
  errno?: string;
  tail?: string;
  truncated_path?: true;
  blind_spot?: true;
  child_pid?: number;
  old_pid?: number;
  new_pid?: number;
  status?: number;
  signal?: string;
  injected?: true;
  detached?: true;
}

const NAME = /^[a-z_][a-zA-Z0-9_]*/;
const CLONES: ReadonlySet<string> = new Set(['clone', 'clone2', 'clone3', 'fork', 'vfork']);

/** Turns records into events, following the processes as it goes. */
export class Events implements RecordSink {
  readonly #walker: Walker;
  readonly #emit: (event: Event) => void;
  /** System calls, halves of them included. */
  calls = 0;
  /** The first line that was not understood. */
  strange: { line: number; text: string; why: string } | null = null;

  constructor(cwd: string | undefined, emit: (event: Event) => void) {
    this.#walker = new Walker(cwd ?? null);
    this.#emit = emit;
  }

  /** A reader that feeds these events; `pid` for a file of a -ff set. */
  reader(options: ReaderOptions = {}): TraceReader {
    return new TraceReader(this, options);
  }

  record(record: LineRecord): void {
    const base = { line: record.line, pid: record.printedPid };
    switch (record.kind) {
      case 'call':
        this.#call(record, base);
        break;
      case 'unfinished': {
        this.calls++;
        const task = this.#walker.task(record.pid);
        this.#walker.begin(task, { cwd: task.fs.cwd, root: task.fs.root }, cloneFlagsOf(record.head));
        this.#walker.line(record);
        const name = NAME.exec(record.head)?.[0] ?? '';
        this.#emit({
          kind: 'unfinished',
          ...base,
          syscall: name,
          ...(record.newPid === undefined ? {} : { new_pid: record.newPid }),
        });
        break;
      }
      case 'detached':
        this.calls++;
        this.#emit({
          kind: 'syscall',
          ...base,
          syscall: NAME.exec(record.head)?.[0] ?? '',
          paths: [],
          ret: null,
          detached: true,
        });
        break;
      case 'nameless':
        this.#emit({ kind: 'syscall', ...base, syscall: '???', paths: [], ret: null });
        break;
      case 'orphan':
        this.calls++;
        this.#orphan(record.name, record.rest, base);
        break;
      case 'signal':
        this.#emit({ kind: 'signal', ...base, signal: record.signal });
        break;
      case 'exit':
        this.#walker.line(record);
        this.#emit({ kind: 'exit', ...base, status: record.status });
        break;
      case 'killed':
        this.#walker.line(record);
        this.#emit({ kind: 'killed', ...base, signal: record.signal });
        break;
      case 'superseded':
        this.#walker.line(record);
        this.#emit({ kind: 'superseded', ...base, old_pid: record.oldPid });
        break;
      case 'pending':
      case 'torn':
        // The line of its first half has been reported already.
        break;
      case 'unrecognised':
        this.#notUnderstood(record.text, record.why, base);
        break;
      default:
        this.#emit({ kind: record.kind, ...base });
    }
  }

  #notUnderstood(text: string, why: string, base: { line: number; pid: number | null }): void {
    this.strange ??= { line: base.line, text, why };
    this.#emit({ kind: 'unrecognised', ...base });
  }

  #orphan(name: string, rest: string, base: { line: number; pid: number | null }): void {
    const call = readCall(`${name}(${rest}`);
    const result = 'why' in call ? { ret: null } : resultFields(call);
    this.#emit({ kind: 'syscall', ...base, syscall: name, resumed: true, paths: [], ...result });
  }

  #call(record: LineRecord & { kind: 'call' }, base: { line: number; pid: number | null }): void {
    const call = readCall(record.text);
    if ('why' in call) {
      this.#notUnderstood(record.text, call.why, base);
      return;
    }
    this.calls++;
    const row = ROWS.get(call.name) ?? NOTHING;
    const step = this.#walker.look(row, call, this.#walker.task(record.pid));
    const { uses } = step;
    this.#walker.apply(step);
    const succeeded = call.result.errno === undefined;
    const child = CLONES.has(call.name) && succeeded ? (call.result.hostPid ?? call.result.value) : null;
    const hidden = uses.some(({ viaFd, path, dirfd }) => viaFd && path === null && dirfd === null);
    const blind =
      succeeded &&
      (!ROWS.has(call.name) ||
        hidden ||
        (row.at !== undefined && uses.length === 0 && call.args.some(raw => /^0x[0-9a-f]+$/.test(raw))));
    this.#emit({
      kind: 'syscall',
      ...base,
      syscall: call.name,
      ...(record.resumed ? { resumed: true } : {}),
      paths: uses.map(eventPath),
      ...resultFields(call),
      ...(uses.some(({ cut }) => cut) ? { truncated_path: true } : {}),
      ...(blind || call.name === 'io_uring_setup' ? { blind_spot: true } : {}),
      ...(child === null ? {} : { child_pid: child }),
    });
  }
}

function eventPath(use: PathUse): EventPath {
  const path: EventPath = {
    path: use.path,
    arg: use.arg,
    dirfd: use.dirfd === -100 ? 'AT_FDCWD' : use.dirfd,
    access: use.modes,
  };
  if (use.path !== null && isDamaged(use.path)) path.path_hex = Buffer.from(encodeBytes(use.path)).toString('hex');
  if (use.viaFd) path.via = 'fd';
  return path;
}

function resultFields({ result }: Call): Partial<Event> & { ret: number | null } {
  const path = result.annotation === undefined ? undefined : annotationPath(result.annotation);
  return {
    ret: result.value,
    ...(path === undefined ? {} : { ret_path: path }),
    ...(result.deleted ? { ret_deleted: true } : {}),
    ...(result.annotation !== undefined && path === undefined ? { ret_annotation: result.annotation } : {}),
    ...(result.errno === undefined ? {} : { errno: result.errno }),
    ...(result.tail === undefined ? {} : { tail: result.tail }),
    ...(result.injected ? { injected: true } : {}),
  };
}
