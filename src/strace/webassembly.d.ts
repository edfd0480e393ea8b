// What is used here of WebAssembly's JavaScript interface, which Node has and its types leave to those of browsers.
// Source: https://webassembly.github.io/spec/js-api/

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }

  /** `shared`: threads that are given the memory see the same bytes. */
  class Memory {
    readonly buffer: SharedArrayBuffer;
    constructor(pages: { initial: number; maximum: number; shared: true });
  }

  class Global {
    readonly value: number;
  }

  class Instance<Exports> {
    readonly exports: Exports;
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>);
  }
}
