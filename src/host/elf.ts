// What an ELF file says of itself: the functions it takes from libraries, the libraries, whether it asks for an executable stack, and the texts in it.
// Sources: elf(5); the generic ABI (sections .dynsym and .dynamic); GNU_STACK: execstack(8), binfmt_elf.c of Linux.

export interface ElfWords {
  imports: ReadonlySet<string>;
  libraries: readonly string[];
  /** DT_RUNPATH or DT_RPATH, as it stands there. */
  runpath: readonly string[];
  executableStack: boolean;
}

const PT_GNU_STACK = 0x6474e551;
const PF_X = 1;
const SHT_DYNAMIC = 6;
const SHT_DYNSYM = 11;
const DT_NEEDED = 1;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

/** Places of fields, for files of 32 and of 64 bits. */
const WIDE = {
  phoff: 32,
  shoff: 40,
  phentsize: 54,
  flags: 4,
  link: 40,
  offset: 24,
  size: 32,
  symbol: 24,
  shndx: 6,
  dyn: 16,
};
const NARROW = {
  phoff: 28,
  shoff: 32,
  phentsize: 42,
  flags: 24,
  link: 24,
  offset: 16,
  size: 20,
  symbol: 16,
  shndx: 14,
  dyn: 8,
};

/** Null for what is no ELF file, or a damaged one. */
export function readElf(bytes: Buffer): ElfWords | null {
  if (bytes.length < 64 || bytes.toString('latin1', 0, 4) !== '\x7fELF') return null;
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function parse(bytes: Buffer): ElfWords {
  const wide = bytes[4] === 2;
  const little = bytes[5] === 1;
  const at = wide ? WIDE : NARROW;
  const u16 = (i: number): number => (little ? bytes.readUInt16LE(i) : bytes.readUInt16BE(i));
  const u32 = (i: number): number => (little ? bytes.readUInt32LE(i) : bytes.readUInt32BE(i));
  const word = (i: number): number =>
    wide ? Number(little ? bytes.readBigUInt64LE(i) : bytes.readBigUInt64BE(i)) : u32(i);
  const text = (i: number): string => bytes.toString('latin1', i, bytes.indexOf(0, i));

  const headers = { start: word(at.phoff), size: u16(at.phentsize), count: u16(at.phentsize + 2) };
  let executableStack = false;
  for (let n = 0; n < headers.count; n++) {
    const i = headers.start + n * headers.size;
    if (u32(i) === PT_GNU_STACK) executableStack = (u32(i + at.flags) & PF_X) !== 0;
  }

  const sections = { start: word(at.shoff), size: u16(at.phentsize + 4), count: u16(at.phentsize + 6) };
  const imports = new Set<string>();
  const libraries: string[] = [];
  const runpath: string[] = [];
  const section = (n: number): number => sections.start + n * sections.size;
  for (let n = 0; n < sections.count; n++) {
    const i = section(n);
    const type = u32(i + 4);
    if (type !== SHT_DYNSYM && type !== SHT_DYNAMIC) continue;
    const [from, size] = [word(i + at.offset), word(i + at.size)];
    const strings = word(section(u32(i + at.link)) + at.offset);
    if (type === SHT_DYNSYM) {
      for (let s = from; s + at.symbol <= from + size; s += at.symbol)
        // Undefined here, so that a library has it.
        if (u16(s + at.shndx) === 0 && u32(s) !== 0) imports.add(text(strings + u32(s)));
    } else
      for (let d = from; d + at.dyn <= from + size; d += at.dyn) {
        const [tag, value] = [word(d), word(d + at.dyn / 2)];
        if (tag === DT_NEEDED) libraries.push(text(strings + value));
        if (tag === DT_RPATH || tag === DT_RUNPATH) runpath.push(...text(strings + value).split(':'));
      }
  }
  return { imports, libraries, runpath, executableStack };
}
