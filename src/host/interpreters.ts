// What an executed file needs besides itself, which strace never shows: the ELF interpreter (PT_INTERP) and the chain of
// `#!` interpreters. It reads the file's first bytes; deciding what that means is left to the profile.
// Sources: elf(5), execve(2) («interpreter scripts», at most 5 levels); the kernel reads 256 bytes of a script (BINPRM_BUF_SIZE).

import { realpathSync } from 'node:fs';
import type { Inspection, Needed } from '../profile/observer.ts';
import { fileCapabilities } from './file-capabilities.ts';
import { fileStart } from './file-start.ts';

const HEADER = 4096;
const SCRIPT = 256;
const SCRIPT_LEVELS = 5;
const PT_INTERP = 3;

/** PT_INTERP of an ELF file whose program headers lie in its first bytes (they follow the ELF header in practice). */
function elfInterpreter(bytes: Buffer): string | null {
  if (bytes.length < 64 || bytes.toString('latin1', 0, 4) !== '\x7fELF') return null;
  const wide = bytes[4] === 2;
  const little = bytes[5] === 1;
  const u16 = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const word = (at: number): number =>
    wide ? Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)) : u32(at);
  const table = word(wide ? 32 : 28);
  const size = u16(wide ? 54 : 42);
  const count = u16(wide ? 56 : 44);
  // The kernel takes no other size.
  if (size !== (wide ? 56 : 32)) return null;
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    if (at + size > bytes.length) return null;
    if (u32(at) !== PT_INTERP) continue;
    const offset = word(at + (wide ? 8 : 4));
    const length = word(at + (wide ? 32 : 16));
    return offset + length > bytes.length ? null : bytes.toString('utf8', offset, offset + length).replace(/\0.*$/, '');
  }
  return null;
}

/** The interpreter of a `#!` line. */
function scriptInterpreter(bytes: Buffer): string | null {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return null;
  return (
    /^#!\s*(\S+)/.exec(bytes.toString('utf8', 0, Math.min(bytes.length, SCRIPT)).split('\n')[0] ?? '')?.[1] ?? null
  );
}

const SET_ID = 0o6000;
const SET_UID = 0o4000;

/** What the kernel opens to run the file at `path`, and what the file gives whoever runs it; null when it cannot be read here. */
export function inspectProgram(path: string): Inspection | null {
  const found = fileStart(path, HEADER);
  if (found === null) return null;
  const { bytes, stats } = found;
  const { mode } = stats;
  return {
    needs: interpreters(path, bytes),
    setId: (mode & SET_ID) !== 0,
    setUid: (mode & SET_UID) !== 0,
    // Scripts gain nothing by theirs.
    capabilities: scriptInterpreter(bytes) === null ? fileCapabilities(path) : null,
  };
}

function interpreters(path: string, first: Buffer): Needed[] {
  const needed: Needed[] = [];
  let program = path;
  let bytes: Buffer | null = first;
  for (let level = 0; level < SCRIPT_LEVELS && bytes !== null; level++) {
    const elf = elfInterpreter(bytes);
    const next = elf ?? scriptInterpreter(bytes);
    if (next === null || !next.startsWith('/')) break;
    needed.push(need(next, elf === null ? `#! interpreter of ${program}` : `ELF interpreter of ${program}`));
    if (elf !== null) break;
    program = next;
    bytes = fileStart(program, HEADER)?.bytes ?? null;
  }
  return needed;
}

function need(asked: string, why: string): Needed {
  try {
    const path = realpathSync(asked);
    return path === asked ? { path, mode: 'exec', why } : { path, asked, mode: 'exec', why };
  } catch {
    return { path: asked, mode: 'exec', why };
  }
}
