// Bounds by which the numbers of a prefix are distinguished.

/** The line shows no pid. */
export const NO_PID = -1;
/** Greater integers at the start of a line are Unix times: PID_MAX_LIMIT of the kernel's threads.h. */
export const PID_MAX = 4194304;
/** Unix times have at least so many digits. */
export const UNIX_DIGITS = 8;
