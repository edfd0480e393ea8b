// What a line is, as the scanner tells.

/** Anything else: a line for the plain way. [start, end) is all of it, or what stands behind its prefix. */
export const OTHER = 0;
/** A complete call that is settled; `id` numbers its rule. [start, end) is the call. */
export const SETTLED = 1;
/** The first half of a call that is settled always, without its mark; `id` numbers its rule. */
export const SETTLED_HEAD = 2;
/** The second half of such a call, complete; `id` numbers its rule. */
export const SETTLED_TAIL = 3;
/** A complete call; `id` is its phrase. */
export const CALL = 4;
/** The first half of a call, without its mark; `id` is its phrase. */
export const HEAD = 5;
/** The second half of a call, with its mark; `id` is its phrase. */
export const TAIL = 6;
/** A line that was too long to be held; [start, end) is empty. */
export const TOO_LONG = 7;
