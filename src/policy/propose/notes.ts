// What the user has to know before he believes a proposal: blind spots, inferences, and what the sandbox changes beside denying.

import { isBelow, parentOf, resolve } from '../../process/resolve.ts';
import { indexOf } from '../../profile/fact-index.ts';
import type { Profile } from '../../profile/profile.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import { candidates } from '../exec-search.ts';
import type { HostView } from '../host-view.ts';
import { nearest } from '../path-sets.ts';
import type { Directive, Note } from '../policy.ts';
import { KERNEL_TREES, type Need, type PathNeeds, reasonOf, settleEntry } from './paths/needs.ts';
import { isFleeting } from './paths/plan.ts';
import { TEMPORARY } from './paths/private-places.ts';
import { failed } from './plan.ts';
import type { Target } from './target.ts';

export function profileNotes(profile: Profile): Note[] {
  const found: Note[] = [];
  for (const fact of profile.facts) {
    if (fact.kind === 'blind') found.push({ kind: 'blind', text: fact.what, evidence: [reasonOf(fact)] });
    if (fact.kind === 'path' && fact.inferred !== undefined)
      found.push({
        kind: 'assumption',
        text: `${fact.path} is allowed as the ${fact.inferred}`,
        evidence: [reasonOf(fact)],
      });
    if (fact.kind === 'unresolved')
      found.push({
        kind: 'open',
        text: `could not resolve ${fact.asked} (${fact.mode}), so no rule allows it`,
        choices: [
          'Record the service from its start, with strace -f -y, and propose again.',
          'Install the proposal on trial: an access that no rule allows shows up as a failure.',
        ],
        evidence: [reasonOf(fact)],
      });
  }
  const mount = indexOf(profile)
    .ofKind('syscall')
    .find(({ name }) => name === 'mount' || name === 'move_mount');
  if (mount !== undefined)
    found.push({
      kind: 'open',
      text: 'the service mounts file systems; inside a sandbox only the service itself sees these mounts',
      choices: [
        'Install the proposal, if nothing else uses these mounts.',
        'Leave the service without a sandbox of paths, if other services need them.',
      ],
      evidence: [reasonOf(mount)],
    });
  const tracer = indexOf(profile)
    .ofKind('syscall')
    .find(({ name }) => name === 'ptrace');
  if (tracer !== undefined)
    found.push({
      kind: 'blind',
      text: 'the service called ptrace(2), which fails under strace: its behaviour when ptrace(2) succeeds was not observed',
      evidence: [reasonOf(tracer)],
    });
  for (const { what } of profile.overflow) found.push({ kind: 'folded', text: what });
  return found;
}

/** Directives that the target reads but, as it was built, does not enforce. */
export function unenforced(directives: readonly Directive[], { without }: Target): Note[] {
  const names = new Set(
    directives.map(({ name }) => name).filter(name => without?.has(DIRECTIVE_ROWS.get(name)?.built ?? '')),
  );
  if (names.size === 0) return [];
  return [
    {
      kind: 'open',
      text: `${[...names].map(name => `${name}=`).join(' and ')} ${names.size === 1 ? 'is' : 'are'} not enforced here: this systemd was built without BPF_FRAMEWORK`,
      choices: [
        'Keep the lines: a systemd with BPF_FRAMEWORK enforces them.',
        'Remove them, so that the unit promises only what holds here.',
      ],
    },
  ];
}

/** The logs of a service that is learned as it runs are named by the settings that its commands belong to. */
const SETTING = / (Exec\w+)$/;

/** Commands of the unit that run under the same sandbox and were never observed: a reload or a stop may be what breaks. */
export function unseenCommands(profile: Profile, { service, host }: Target): Note[] {
  if (service === undefined) return [];
  const ran = new Set(
    indexOf(profile)
      .ofKind('process')
      .map(({ exe }) => exe),
  );
  const traces = new Set(profile.facts.map(({ evidence }) => evidence.origin.trace));
  const settings = new Set([...traces].flatMap(trace => SETTING.exec(trace)?.[1] ?? []));
  return service.commands.flatMap(({ name, program, unconfined }) => {
    const where = `${name}=${program} runs in the same sandbox, and`;
    const choices = [
      'Run the command while allowtrace records, then propose again.',
      'Install the proposal, and accept that this command may fail.',
    ];
    if (unconfined) return [];
    if (!candidates(program).some(path => ran.has(path) || ran.has(host.realpath(path) ?? path)))
      return [{ kind: 'open', text: `${where} was not observed: it may fail`, choices }];
    // Other commands may have started the same program, a shell for one.
    if (settings.size === 0 || settings.has(name)) return [];
    return [{ kind: 'open', text: `${where} there is no evidence that it ran: it may fail`, choices }];
  });
}

/** The first of some names, and how many more there are; nothing of none. */
const firstOf = (names: string[]): string[] =>
  names
    .sort()
    .slice(0, 1)
    .map(first => (names.length === 1 ? first : `${first} and ${names.length - 1} more`));

/** Files that lay where the service writes in /run before it started: after a boot it starts without them, and may do what was not seen. */
export function leftInRun(profile: Profile, writable: ReadonlyMap<string, Need>): string[] {
  const facts = profile.facts.filter(fact => !failed(fact));
  const made = new Set(
    facts.flatMap(fact =>
      fact.kind === 'move' ? [fact.to] : fact.kind === 'path' && fact.mode === 'create' ? [fact.path] : [],
    ),
  );
  const found = facts.flatMap(fact =>
    fact.kind === 'path' &&
    fact.mode === 'read' &&
    fact.pattern !== true &&
    isFleeting(fact.path) &&
    isFleeting(nearest(fact.path, writable) ?? '/') &&
    nearest(fact.path, made) === undefined
      ? [fact.path]
      : [],
  );
  return firstOf(found).map(
    files =>
      `${files} existed at start and disappears at reboot; how the service creates it was not observed: learn one start without it`,
  );
}

/**
 * Symlinks of /run that were there, and lead to what the service makes: it may have made them too, at an earlier start, and may not now. An
 * empty root has in their place what they lead to, if that is there when the service starts.
 */
export function linksInRun({ used, writable }: PathNeeds, host: HostView): string[] {
  const uses = [...used].map(([path, { modes }]) => ({ entry: settleEntry(path, host), modes }));
  const made = new Set(uses.filter(({ modes }) => modes.has('create') || modes.has('bind')).map(({ entry }) => entry));
  const links = uses.flatMap(({ entry, modes }) => {
    if (!modes.has('stat') || !isFleeting(entry) || made.has(entry) || host.isMadeAtBoot(entry)) return [];
    const leads = resolve(host.link(entry) ?? entry, parentOf(entry), '/');
    return leads !== null && made.has(settleEntry(leads, host)) && nearest(entry, writable) === undefined
      ? [entry]
      : [];
  });
  return [...new Set(links)].map(
    entry =>
      `${entry} existed at start, a symlink to what the service creates, and disappears at reboot; if the service creates it, that fails: learn one start without it`,
  );
}

/**
 * What was to be deleted and was not there, where nothing may be written: a read-only file system answers before it looks (do_unlinkat(),
 * do_rmdir() and do_renameat2() of fs/namei.c), and not every program takes EROFS for ENOENT, as rm(1) does.
 */
export function missedInReadOnly(profile: Profile, writable: ReadonlyMap<string, Need>, host: HostView): string[] {
  const elsewhere = [...KERNEL_TREES, ...TEMPORARY];
  const missed = profile.facts.flatMap(fact =>
    fact.kind === 'path' &&
    fact.mode === 'delete' &&
    fact.errno === 'ENOENT' &&
    nearest(fact.path, writable) === undefined &&
    !elsewhere.some(tree => isBelow(fact.path, tree)) &&
    host.type(parentOf(fact.path)) === 'directory'
      ? [fact.path]
      : [],
  );
  return firstOf(missed).map(
    files =>
      `deleting ${files} failed with ENOENT; on a read-only file system it fails with EROFS, which the service has to take as well`,
  );
}

/** Where programs of others put new files in the place of old ones. Sources: FHS 3.0 (/var/log), logrotate(8). */
const ROTATED = '/var/log/';
const SINGLE: ReadonlySet<string> = new Set(['ReadWritePaths', 'BindPaths']);

/** Log files that are writable by themselves: a mount of a file holds that file, not its name. */
export function rotatedFiles(directives: readonly Directive[], { host }: Target): Note[] {
  return directives
    .map(({ name, value, evidence }) => ({ name, value: value.replace(/^-/, ''), evidence }))
    .filter(({ name, value }) => SINGLE.has(name) && value.startsWith(ROTATED) && host.type(value) === 'file')
    .map(({ name, value, evidence }) => ({
      kind: 'open',
      text: `${value} is writable as a single file: after log rotation replaces it, the service can write the new file only after a restart`,
      choices: [
        'Let log rotation restart the service, or use copytruncate.',
        `Write ${name}=${parentOf(value)}, which allows everything beside the file as well.`,
      ],
      evidence,
    }));
}
