// The units that gather what strace writes about a service. A socket unit holds the FIFOs open in process 1, so that neither a crash
// of the collector nor its restart ever blocks or breaks the service; the collector reads them; and should it fail for good, the
// release unit takes the service out of its learning period and keeps the FIFOs flowing. Pure: values in, text out.
// Sources: systemd.socket(5) (ListenFIFO=, PipeSize=), systemd.exec(5).

import { quoteWord } from './exec-line.ts';
import type { Stream } from './learning-unit.ts';
import { type Places, releaseName } from './places.ts';

/** What `service start` decided, kept in the collector's unit file, where systemd ignores it. */
export interface LearningRecord {
  format: 'allowtrace-learning';
  version: 1;
  unit: string;
  /** Seconds (Unix time). */
  since: number;
  persistent: boolean;
  /** How strace was called: see strace/launch.ts. */
  mode: 'seccomp' | 'complete';
  why: string;
  strace: string;
  streams: Stream[];
  profile: string;
  host: string;
  /** Of a user's service manager. */
  user: boolean;
  /** Where the service starts, and as whom; null: not known beforehand. */
  cwd: string;
  uid: number | null;
  /** It is told where to send sd_notify(3) messages. */
  notifies: boolean;
  /** strace runs as the service does, whose processes can open its log. */
  exposed?: true;
  /** The file that keeps an installed proposal out of force meanwhile. */
  lifted?: string;
  /** RootDirectory= of the unit, in which systemd makes a place for the FIFOs. */
  root?: string;
  /** Programs that gain privileges by being executed would do so in this service, but for a filter. */
  gains?: true;
  /** Learning ends at this coverage; where that is written down, and the drop-in that goes then. */
  until?: { coverage: number; reached: string; dropin: string };
}

export interface CollectorPlan {
  record: LearningRecord;
  places: Places;
  /** The user that strace runs as and writes to the FIFOs as; '' for the manager's own. */
  owner: string;
  /** The collector's command, without the path of its unit file. */
  command: readonly string[];
}

const RECORD = 'X-Allowtrace';
const PIPE = '1M';

/** Every FIFO, in the order in which systemd passes them. */
const pipesOf = ({ streams }: LearningRecord): string[] => streams.flatMap(({ pipes }) => pipes);

export function socketText({ record, owner }: CollectorPlan): string {
  return `[Unit]
Description=What strace tells about ${record.unit}
OnFailure=${releaseName(record.unit)}

[Socket]
${pipesOf(record)
  .map(pipe => `ListenFIFO=${pipe.replace(/%/g, '%%')}`)
  .join('\n')}
PipeSize=${PIPE}
DirectoryMode=0711
${record.user ? 'SocketMode=0600' : `SocketMode=0220\nSocketUser=${owner === '' ? 'root' : owner}\nSocketGroup=root`}
`;
}

/** The collector reads what a service made strace write: it may do little itself. */
const SANDBOX = `# A service of a million names costs 226 MB and a third of a core (measured): more is a fault.
MemoryMax=1G
CPUQuota=100%
TasksMax=64
ProtectSystem=strict
StateDirectory=allowtrace
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE CAP_KILL
RestrictAddressFamilies=AF_UNIX
PrivateNetwork=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
`;

export function collectorText({ record, places, command }: CollectorPlan): string {
  const words = [...command, places.collector].map(word => quoteWord(word)).join(' ');
  return `[Unit]
Description=allowtrace learns from ${record.unit}
StartLimitIntervalSec=60
StartLimitBurst=10

[Service]
Type=notify
NotifyAccess=all
ExecStart=${words}
Restart=always
RestartSec=200ms
WatchdogSec=3min
TimeoutStopSec=30
${record.user ? '' : `${SANDBOX}ReadWritePaths=-${quoteWord(places.fifos)}\n`}
[${RECORD}]
Record=${JSON.stringify(record)}
`;
}

export function releaseText({ record, places }: CollectorPlan): string {
  const systemctl = record.user ? 'systemctl --user' : 'systemctl';
  const script = `rm -f "$1" "$2"; ${systemctl} daemon-reload; shift 2; for fifo; do cat <>"$fifo" >/dev/null & done; wait`;
  const words = [script, 'sh', places.dropin, record.lifted ?? places.dropin, ...pipesOf(record)];
  return `[Unit]
Description=allowtrace gives up learning from ${record.unit}

[Service]
ExecStart=/bin/sh -c ${words.map(word => quoteWord(word)).join(' ')}
`;
}

/** Takes the unit out of its learning period without touching the service: its next start is its own. */
export function enoughText({ record, places }: CollectorPlan): string {
  const systemctl = record.user ? 'systemctl --user' : 'systemctl';
  return `[Unit]
Description=allowtrace has learned enough from ${record.unit}

[Service]
Type=oneshot
ExecStart=rm -f ${[places.dropin, record.lifted ?? []]
    .flat()
    .map(path => quoteWord(path))
    .join(' ')}
ExecStart=${systemctl} daemon-reload
`;
}

const isLearningRecord = (value: unknown): value is LearningRecord =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === 'allowtrace-learning' &&
  'version' in value &&
  value.version === 1;

/** The record in the text of a collector's unit file; null when it holds none of this version. */
export function readRecord(text: string): LearningRecord | null {
  const line = new RegExp(`^\\[${RECORD}\\]\\nRecord=([^\\n]*)`, 'm').exec(text)?.[1];
  if (line === undefined) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isLearningRecord(value) ? value : null;
  } catch {
    return null;
  }
}
