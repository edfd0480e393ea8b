// How a saved log is packed. Sources: RFC 1952 (gzip), RFC 8878 (zstd).

export type Packing = 'none' | 'gzip' | 'zstd';

const GZIP = 0x8b1f;
const ZSTD = 0xfd2fb528;

/** By its first bytes. */
export function packingOf(bytes: Buffer): Packing {
  if (bytes.length >= 2 && bytes.readUInt16LE(0) === GZIP) return 'gzip';
  return bytes.length >= 4 && bytes.readUInt32LE(0) === ZSTD ? 'zstd' : 'none';
}
