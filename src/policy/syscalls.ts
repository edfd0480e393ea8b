// SystemCallFilter= as an allow-list of what was seen. @default is always in (systemd adds it); `groups` takes whole sets.
// Sources: systemd.exec(5), SystemCallFilter=; names are libseccomp's, which are the kernel's.

import { PARTIAL } from '../profile/observer.ts';
import type { Fact, Profile } from '../profile/profile.ts';
import { reasonOf } from './path-needs.ts';
import type { PathPlan } from './strict.ts';
import { SYSCALL_SETS } from './syscall-sets.ts';
import type { Target } from './target.ts';

/** strace's name → the kernel's, where they differ. */
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  pread: 'pread64',
  pwrite: 'pwrite64',
  umount: 'umount2',
  sendfile64: 'sendfile64',
};

/** Sets too broad to be taken whole, whatever was seen of them. */
const NEVER_WHOLE: ReadonlySet<string> = new Set(['@default', '@system-service', '@privileged', '@obsolete', '@known']);
/** A set is taken whole when at least this share of it was seen. */
const SHARE = 0.5;

/** The name by which SystemCallFilter= knows a call of strace's. */
export const kernelName = (name: string): string => KERNEL_NAMES[name] ?? name;

function grouped(names: ReadonlySet<string>, target: Target): { words: string[]; added: string[] } {
  const words: string[] = [];
  const covered = new Set<string>();
  for (const set of Object.keys(SYSCALL_SETS)) {
    if (NEVER_WHOLE.has(set)) continue;
    const members = [...target.sets(set)];
    const seen = members.filter(name => names.has(name));
    if (seen.length < 2 || seen.length < members.length * SHARE) continue;
    words.push(set);
    for (const name of members) covered.add(name);
  }
  const rest = [...names].filter(name => !covered.has(name));
  return { words: [...words, ...rest], added: [...covered].filter(name => !names.has(name)) };
}

export function syscallDirectives(profile: Profile, target: Target): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const facts = profile.facts.filter((fact): fact is Extract<Fact, { kind: 'syscall' }> => fact.kind === 'syscall');
  const partial = profile.facts.find(fact => fact.kind === 'blind' && fact.what === PARTIAL);
  if (partial !== undefined) {
    plan.withheld.push({
      name: 'SystemCallFilter',
      value: 'the calls that were seen',
      because: PARTIAL,
      evidence: [reasonOf(partial)],
    });
    return plan;
  }
  const always = target.sets('@default');
  const unnamed = facts.filter(({ name }) => /^syscall_0x/.test(name));
  const native = facts.filter(({ abi, name }) => abi === undefined && !/^syscall_0x/.test(name));
  const names = new Set(native.map(({ name }) => kernelName(name)).filter(name => !always.has(name)));
  const observed = new Set(native.flatMap(({ name, assumed }) => (assumed === true ? [] : [name])));
  const assumed = native.filter(fact => fact.assumed === true && !observed.has(fact.name)).map(({ name }) => name);
  const { words, added } = target.syscalls === 'groups' ? grouped(names, target) : { words: [...names], added: [] };
  const wider = [
    assumed.length === 0 ? '' : `${assumed.length} of them were not traced but assumed: ${assumed.sort().join(' ')}`,
    added.length === 0 ? '' : `the sets hold ${added.length} calls that were not seen`,
  ].filter(text => text !== '');
  plan.directives.push({
    section: 'Service',
    name: 'SystemCallFilter',
    value: words.sort().join(' '),
    because: `the ${names.size} system calls that were seen${assumed.length === 0 ? '' : ' or assumed'}, beside @default`,
    evidence: native.slice(0, 3).map(reasonOf),
    seen: native.reduce((sum, { evidence }) => sum + evidence.count, 0),
    ...(wider.length === 0 ? {} : { wider: wider.join('; ') }),
  });
  plan.directives.push({
    section: 'Service',
    name: 'SystemCallErrorNumber',
    value: 'EPERM',
    because: 'a call that was never seen fails; without this line it kills the service',
    evidence: [],
    seen: 0,
  });
  for (const fact of unnamed)
    plan.notes.push(
      `${fact.name} was called, a number that strace has no name for: if the service fails, add it by hand`,
    );
  return plan;
}
