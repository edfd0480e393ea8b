// Logs without a pid column show a pid only while several processes live: who a line without one belongs to is concluded here.

export class ShownPids {
  readonly #live = new Set<number>();
  readonly #children = new Set<number>();
  /** The first process, once its number has been shown. */
  #root: number | null = null;

  /** Whose line it is that shows `printed`, or nothing. */
  conclude(printed: number | null): number | null {
    if (printed === null) {
      const [only] = this.#live;
      return only !== undefined && this.#live.size === 1 ? only : this.#root;
    }
    if (this.#root === null && !this.#children.has(printed)) this.#root = printed;
    this.#live.add(printed);
    return printed;
  }

  /** strace said that it has attached to a new process. */
  attached(child: number): void {
    this.#children.add(child);
    this.#live.add(child);
  }

  gone(pid: number): void {
    this.#live.delete(pid);
  }
}
