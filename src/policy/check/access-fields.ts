// An access as flat fields for machines: what kind it is, and what it is about under a name of its own.
// The JSON of `check`, the keys of a baseline and the JSON of `diff` are made of these.

import type { Access, Mode } from '../../process/access.ts';

/** `access` is the mode for paths and the kind for everything else. The fields are the identity of an access: two that agree are one. */
export type AccessFields =
  | { access: Mode; path: string; asked?: string; errno?: string }
  | { access: 'move'; call: 'rename' | 'link'; path: string; to: string; errno?: string }
  | { access: 'syscall'; syscall: string; abi?: string }
  | { access: 'socket'; family: string; type: string; protocol?: string; errno?: string }
  | {
      access: 'address';
      op: string;
      family: string;
      address: string;
      port?: number;
      transport?: string;
      errno?: string;
    }
  | { access: 'capability'; capability: string; syscall: string; detail?: string; errno?: string }
  | { access: 'namespace'; namespace: string; call: string; errno?: string }
  | { access: 'memory'; memory: string; errno?: string }
  | { access: 'feature'; feature: string; value?: string; errno?: string }
  | { access: 'process'; exe: string; parent?: string; root?: string; cwd?: string }
  | { access: 'unresolved'; mode: Mode; asked: string }
  | { access: 'blind'; what: string };

/** The fields of an access; marks of how it was found (`uid`, `pattern`, `inferred`, `certain`, `assumed`) are left out. */
export function accessFields(access: Access): AccessFields {
  switch (access.kind) {
    case 'path': {
      const { mode, path, asked, errno } = access;
      return {
        access: mode,
        path,
        ...(asked === undefined ? {} : { asked }),
        ...(errno === undefined ? {} : { errno }),
      };
    }
    case 'move': {
      const { kind, from, to, ...rest } = access;
      return { access: kind, ...rest, path: from, to };
    }
    case 'syscall':
      return {
        access: 'syscall',
        syscall: access.name,
        ...(access.abi === undefined ? {} : { abi: access.abi }),
      };
    case 'capability': {
      const { kind, name, certain: _, from: __, ...rest } = access;
      return { access: kind, capability: name, ...rest };
    }
    case 'namespace': {
      const { kind, type, ...rest } = access;
      return { access: kind, namespace: type, ...rest };
    }
    case 'memory': {
      const { kind, what, ...rest } = access;
      return { access: kind, memory: what, ...rest };
    }
    case 'feature': {
      const { kind, name, certain: _, ...rest } = access;
      return { access: kind, feature: name, ...rest };
    }
    case 'socket': {
      const { kind, ...rest } = access;
      return { access: kind, ...rest };
    }
    case 'address': {
      const { kind, ...rest } = access;
      return { access: kind, ...rest };
    }
    case 'process': {
      const { kind, ...rest } = access;
      return { access: kind, ...rest };
    }
    case 'unresolved': {
      const { kind, ...rest } = access;
      return { access: kind, ...rest };
    }
    case 'blind': {
      const { kind, ...rest } = access;
      return { access: kind, ...rest };
    }
  }
}
