// THE TABLE of the steps at which systemd can fail to start a service, and the directives that each of them carries out.
// Source: systemd's core/exec-invoke.c (exec_invoke, `*exit_status = EXIT_…`), before 256 core/execute.c; systemd.exec(5) «Process Exit Codes».

import type { CauseEvent, StepEvent } from '../audit/events.ts';
import type { Assignment } from '../policy/findings.ts';
import { rowOf } from '../row.ts';

/** `NAMESPACE` is made of every line that moves, hides or closes a path. */
const PATHS =
  /^(?:(?:ReadWrite|ReadOnly|Inaccessible|Exec|NoExec)Paths|Bind(?:ReadOnly)?Paths|TemporaryFileSystem|Root(?:Directory|Image|Verity)|(?:Mount|Extension)\w+|Private\w+|Protect\w+|(?:Runtime|State|Cache|Logs|Configuration)Directory|LogNamespace|DynamicUser)$/;

const STEPS: Readonly<Record<string, RegExp>> = {
  EXEC: /^Exec(?:Condition|Start|StartPre|StartPost|Reload|Stop|StopPost)$/,
  CHDIR: /^WorkingDirectory$/,
  CHROOT: /^Root(?:Directory|Image)$/,
  USER: /^(?:User|DynamicUser)$/,
  GROUP: /^(?:Group|SupplementaryGroups|DynamicUser)$/,
  NAMESPACE: PATHS,
  NETWORK: /^(?:PrivateNetwork|NetworkNamespacePath|JoinsNamespaceOf)$/,
  NO_NEW_PRIVILEGES: /^NoNewPrivileges$/,
  SECCOMP:
    /^(?:SystemCall\w+|Restrict(?:Namespaces|Realtime|SUIDSGID)|MemoryDenyWriteExecute|LockPersonality|Protect(?:Clock|Hostname|Kernel\w+)|PrivateDevices)$/,
  ADDRESS_FAMILIES: /^RestrictAddressFamilies$/,
  CAPABILITIES: /^(?:CapabilityBoundingSet|AmbientCapabilities)$/,
  SECUREBITS: /^SecureBits$/,
  APPARMOR: /^AppArmorProfile$/,
  SELINUX_CONTEXT: /^SELinuxContext$/,
  SMACK_PROCESS_LABEL: /^SmackProcessLabel$/,
  PERSONALITY: /^Personality$/,
  KEYRING: /^KeyringMode$/,
  LIMITS: /^Limit[A-Z]+$/,
  NICE: /^Nice$/,
  OOM_ADJUST: /^OOMScoreAdjust$/,
  SETSCHEDULER: /^CPUScheduling\w+$/,
  CPUAFFINITY: /^CPUAffinity$/,
  NUMA_POLICY: /^NUMA\w+$/,
  IOPRIO: /^IOScheduling\w+$/,
  RUNTIME_DIRECTORY: /^RuntimeDirectory\w*$/,
  STATE_DIRECTORY: /^StateDirectory\w*$/,
  CACHE_DIRECTORY: /^CacheDirectory\w*$/,
  LOGS_DIRECTORY: /^LogsDirectory\w*$/,
  CONFIGURATION_DIRECTORY: /^ConfigurationDirectory\w*$/,
  CREDENTIALS: /^(?:Load|Set|Import)Credential\w*$/,
  BPF: /^(?:RestrictFileSystems|SocketBind\w+|RestrictNetworkInterfaces)$/,
  STDIN: /^StandardInput$/,
  STDOUT: /^StandardOutput$/,
  STDERR: /^StandardError$/,
  PAM: /^PAMName$/,
};

/** Where systemd makes the root of a service before it moves there. */
const UNIT_ROOT = /^\/run\/systemd\/(?:unit-root|mount-rootfs)(?=\/|$)/;

/** The path that a cause names. */
function pathIn({ text }: CauseEvent): string | null {
  const path = /(?:^|[\s'":])(\/[^\s:'"]*)/.exec(text)?.[1]?.replace(UNIT_ROOT, '');
  return path === undefined || path === '' || path === '/' ? null : path;
}

/** Does a value name this path, alone or as a part of `source:destination:options`? */
const names = (value: string, path: string): boolean =>
  value.split(/[\s:]+/).some(
    word =>
      word
        .replace(/^["']?[-+!]*/, '')
        .replace(/["']$/, '')
        .replace(/(?<=.)\/+$/, '') === path,
  );

/** The lines of a unit at which it fails: those of the step, and of these the ones that name the path in question, if any does. */
export function linesOfStep(
  { step }: Pick<StepEvent, 'step'>,
  cause: CauseEvent | undefined,
  assignments: readonly Assignment[],
): Assignment[] {
  const pattern = rowOf(STEPS, step);
  if (pattern === undefined) return [];
  const lines = assignments.filter(({ section, name }) => section === 'Service' && pattern.test(name));
  const path = cause === undefined ? null : pathIn(cause);
  const naming = path === null ? [] : lines.filter(({ value }) => names(value, path));
  return naming.length > 0 ? naming : lines;
}
