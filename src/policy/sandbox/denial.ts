// What a question to the sandbox is asked with, and how it says no.

import type { AddressAccess } from '../../process/access.ts';
import type { Outcome } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import type { HostView } from '../host-view.ts';

/** An access does not pass: what comes of it instead, and the line that has it so. */
export interface Denial {
  outcome: Outcome;
  by: Assignment;
}

/** What is known beside the sandbox. */
export interface Knowledge {
  host: HostView;
  /** Paths that the service makes itself, so that they are there where nothing was before. */
  made: (path: string) => boolean;
  /** A symlink in the last place is what is meant, not what it leads to. */
  itself?: boolean;
  /** Was this system call made at all? Two calls can tell the same, and a filter may look into one of them only. */
  called?: (syscall: string) => boolean;
  /** Does the service listen at this address itself? */
  serves?: (access: AddressAccess) => boolean;
}
