// Where the scanner's memory holds what. Read by TypeScript, which makes that memory, and by AssemblyScript, which fills it.

/** Lines that a batch holds at most. */
export const CAPACITY = 8192;

// The columns of a batch, from its beginning.
/** f64, seconds; NaN: the line shows no time. */
export const TIMES = 0;
/** i32, numbers of rules or phrases. */
export const IDS = 65536;
/** i32; NO_PID: the line shows none. */
export const PIDS = 98304;
/** i32, from the beginning of the text. */
export const STARTS = 131072;
export const ENDS = 163840;
/** u8: see kinds.ts. */
export const KINDS = 196608;
export const BATCH_BYTES = 204800;

/** i32: whether each block is full. */
export const STATES = 32768;
/** Where a rule's name, or one of its words, is put for `addRule` and `addWord`. */
export const WORD = 65536;
/** Behind all that the scanner keeps for itself: blocks of text and batches. */
export const BLOCKS = 25165824;
/** Text is read in steps of 16 bytes: behind the last there must be room for one. */
export const STEP = 16;

/** No number: not seen before, or too long to be remembered. */
export const UNNUMBERED = -1;
