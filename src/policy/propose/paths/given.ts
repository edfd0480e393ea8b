// Capabilities that a unit gives a user other than root (AmbientCapabilities=). For such a user process/privileges.ts and ownership.ts take
// what succeeded for his own right, so that the log does not show all uses: those are kept, as a doubt. Source: capabilities(7).

import type { CapabilityAccess, PathAccess } from '../../../process/access.ts';
import type { Fact, Profile } from '../../../profile/profile.ts';
import type { HostView } from '../../host-view.ts';
import type { Service } from '../target.ts';

/** What decides about them is not in the log: owners and modes, users of other processes, limits, the kind of a device. */
const UNSHOWN: ReadonlySet<string> = new Set(
  `CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_LINUX_IMMUTABLE CAP_NET_ADMIN CAP_IPC_LOCK
  CAP_IPC_OWNER CAP_SYS_RAWIO CAP_SYS_PTRACE CAP_SYS_ADMIN CAP_SYS_NICE CAP_SYS_RESOURCE CAP_SYS_TTY_CONFIG CAP_LEASE CAP_SYSLOG
  CAP_BLOCK_SUSPEND CAP_PERFMON CAP_BPF CAP_CHECKPOINT_RESTORE`.split(/\s+/),
);

/** The profile with a doubt for each of them; the evidence is the service's start. */
export function withGiven(profile: Profile, service: Service | undefined): Profile {
  if (service === undefined || service.uid === undefined || service.uid === 0) return profile;
  const start = profile.facts.find(fact => fact.kind === 'path' && fact.mode === 'exec') ?? profile.facts[0];
  if (start === undefined) return profile;
  const { evidence } = start;
  const doubts = service.ambient
    .filter(name => UNSHOWN.has(name))
    .map(
      (name): Fact<CapabilityAccess> => ({
        kind: 'capability',
        name,
        syscall: evidence.origin.syscall,
        certain: false,
        detail: 'the unit gives it to a user of whom the log does not show what he needs it for',
        evidence: { ...evidence },
      }),
    );
  return doubts.length === 0 ? profile : { ...profile, facts: [...profile.facts, ...doubts] };
}

/** The profile with what the unit itself names, which systemd enters or starts in the sandbox: a command that was not seen to run, too. */
export function withNamed(profile: Profile, service: Service | undefined, host: HostView): Profile {
  const start = profile.facts.find(fact => fact.kind === 'path' && fact.mode === 'exec') ?? profile.facts[0];
  if (service === undefined || start === undefined) return profile;
  const ran = new Set(
    profile.facts.flatMap(fact =>
      fact.kind === 'path' && fact.mode === 'exec' ? [fact.path, fact.asked ?? fact.path] : [],
    ),
  );
  const named = (mode: 'chdir' | 'exec', asked: string, inferred: string): Fact<PathAccess> => {
    const path = host.realpath(asked) ?? asked;
    return {
      kind: 'path',
      mode,
      path,
      ...(path === asked ? {} : { asked }),
      inferred,
      evidence: { ...start.evidence },
    };
  };
  const { workingDirectory } = service;
  const facts = [
    ...(workingDirectory === undefined ? [] : [named('chdir', workingDirectory, 'WorkingDirectory= of the unit')]),
    ...service.commands.flatMap(({ name, program, unconfined }) =>
      unconfined || !program.startsWith('/') || ran.has(program) || host.realpath(program) === null
        ? []
        : [named('exec', program, `program of ${name}=`)],
    ),
  ];
  return facts.length === 0 ? profile : { ...profile, facts: [...profile.facts, ...facts] };
}
