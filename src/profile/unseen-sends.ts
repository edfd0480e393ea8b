// Datagram sockets that were never connected, in a run that does not trace sendto(2) and sendmsg(2): where they send is not in the log.
// Sockets are told apart by the inode that strace -y prints, so it does not matter how descriptors are copied or inherited.
// Sources: sendto(2) (a destination may only be named on a socket that is not connection-oriented), sd_notify(3).

import type { Access, Origin } from '../process/access.ts';
import type { Call } from '../strace/parse.ts';
import { REMEDY } from './assumptions.ts';

interface Waiting {
  family: string;
  exe: string | null;
  origin: Origin;
}

/** An access that was concluded, where, and of which program. */
export interface Unseen {
  access: Access;
  origin: Origin;
  by: string[];
}

/** Sockets that are waited for at most; the rest is taken for never connected. */
const WAITING_LIMIT = 1000;
const INODE = /socket:\[(\d+)\]/;

export class UnseenSends {
  /** Sockets made since the last look, by inode; and those that were there before it. */
  #fresh = new Map<string, Waiting>();
  #old = new Map<string, Waiting>();
  /** What is certain by now, one for each family and program. */
  readonly #unseen = new Map<string, Waiting>();
  readonly #notify: string | undefined;

  constructor(notify?: string) {
    this.#notify = notify?.startsWith('/') ? notify : undefined;
  }

  watch(call: Call, exe: string | null, origin: () => Origin): void {
    if (call.name === 'socket') this.#made(call, exe, origin);
    else if (call.name === 'connect') {
      const inode = INODE.exec(call.args[0] ?? '')?.[1] ?? '';
      this.#fresh.delete(inode);
      this.#old.delete(inode);
    }
  }

  #made(call: Call, exe: string | null, origin: () => Origin): void {
    const [family = '', type = ''] = call.args;
    const inode = INODE.exec(call.result.annotation ?? '')?.[1];
    if (inode === undefined || !type.startsWith('SOCK_DGRAM')) return;
    if (!/^AF_(?:UNIX|INET6?)$/.test(family) || this.#unseen.has(`${family}\0${exe}`)) return;
    this.#fresh.set(inode, { family, exe, origin: origin() });
    if (this.#fresh.size > WAITING_LIMIT) this.#age();
  }

  /** Sockets that have waited for two looks will not be connected any more. */
  #age(): void {
    for (const waiting of this.#old.values()) this.#unseen.set(`${waiting.family}\0${waiting.exe}`, waiting);
    this.#old = this.#fresh;
    this.#fresh = new Map();
  }

  /** What could not be seen up to now; `final`: nothing more will come. */
  unseen(final: boolean): Unseen[] {
    this.#age();
    if (final) this.#age();
    return [...this.#unseen.values()].flatMap(({ family, exe, origin }) => {
      const by = exe === null ? [] : [exe];
      const where = family === 'AF_UNIX' ? 'sockets whose names' : `${family} addresses that`;
      const what = `${exe ?? 'a program'} may have sent datagrams to ${where} are not in the log, since sending is not traced${REMEDY}`;
      const found: Unseen[] = [{ access: { kind: 'blind', what }, origin, by }];
      if (family === 'AF_UNIX' && this.#notify !== undefined)
        found.push({
          access: { kind: 'path', mode: 'connect', path: this.#notify, inferred: 'NOTIFY_SOCKET names it' },
          origin,
          by,
        });
      return found;
    });
  }
}
