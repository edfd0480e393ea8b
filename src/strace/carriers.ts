// What carries a log adds to every line: journals, containers, continuous integration, mail. It is recognised on the first lines and taken
// off, so that behind it a line is what strace wrote. Sources: journalctl(1) --output=, RFC 3164, RFC 5424, docker compose logs, kubectl
// logs --prefix --timestamps, the log files of CRI, gh run view --log, RFC 3676 section 4.5.

import { isRecord } from '../json.ts';
import { sharedPrefixes } from './shared-prefix.ts';

/** What was taken off. */
export interface Carrier {
  /** In words: `docker compose`. */
  readonly name: string;
  /** As it stood on the first line. */
  readonly example: string;
  /** Of the lines that have another one, whose lines are read: a host and a program, a container. */
  readonly tag: string | undefined;
}

interface Row {
  readonly name: string;
  /** `tag` tells whose line it is, where several write into one log. */
  readonly prefix: RegExp;
  /** How to have the log without it. */
  readonly instead: string;
}

const ISO = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`;
const DAY = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?`;
const FULL = String.raw`[A-Z][a-z]{2} ${ISO} \S+`;
const row = (name: string, instead: string, prefix: string): Row => ({
  name,
  prefix: new RegExp(`^${prefix}`),
  instead,
});

/** Every carrier; the more special first. */
const CARRIERS: readonly Row[] = [
  row(
    'journalctl or syslog',
    'journalctl -o cat -u UNIT prints the lines as they are',
    String.raw`(?:${DAY}|${FULL}|${ISO}|\d{10}\.\d{6}|\[ *\d+\.\d{6}\]) (?<tag>\S+ [^\s:[\]]+)(?:\[\d+\])?: `,
  ),
  row(
    'syslog (RFC 5424)',
    'journalctl -o cat -u UNIT prints the lines as they are',
    String.raw`<\d+>1 ${ISO} (?<tag>\S+ \S+) \S+ \S+ (?:-|\[.*?\]) (?:\xef\xbb\xbf)?`,
  ),
  row(
    'docker compose',
    'docker compose logs --no-log-prefix --no-color SERVICE prints the lines as they are',
    String.raw`(?<tag>[A-Za-z0-9][\w.-]*) +\| (?:${ISO} )?`,
  ),
  row(
    'kubectl',
    'kubectl logs POD -c CONTAINER prints the lines as they are',
    String.raw`\[pod/(?<tag>[^\]]+)\] (?:${ISO} )?`,
  ),
  row(
    'the log file of a container',
    'crictl logs CONTAINER prints the lines as they are',
    `${ISO} std(?:out|err) [FP] `,
  ),
  row('GitHub Actions', 'upload the log as an artifact', `(?<tag>[^\t]+\t[^\t]+)\t(?:\xef\xbb\xbf)?${ISO} `),
  row(
    'time stamps of a container or of GitHub Actions',
    'docker logs CONTAINER prints the lines as they are',
    `${ISO} `,
  ),
  row('quotation marks of a mail', 'save the attachment', '>(?: ?>)* ?'),
  row('indentation', 'save the log as a file of its own', '(?: {4}|\t)'),
];

/** Whose lines most of those are that bear this prefix. */
function mostFrequentTag(
  lines: readonly string[],
  { prefix }: Row,
  isUsable: (line: string) => boolean,
): string | undefined {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const found = prefix.exec(line);
    const tag = found?.groups?.tag;
    if (found === null || tag === undefined || !isUsable(line.slice(found[0].length))) continue;
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** A line without what carries it; as it is where it bears nothing; empty where it comes from somebody else. */
export type Unwrap = (line: string) => string;

const unwrapping =
  ({ prefix }: Row, tag: string | undefined): Unwrap =>
  line => {
    const found = prefix.exec(line);
    if (found === null) return line;
    return found.groups?.tag === tag ? line.slice(found[0].length) : '';
  };

/** The fields in which JSON carries a line: docker's json-file, fluentd, journalctl -o json. */
const LINE_FIELDS = ['log', 'MESSAGE', 'message'] as const;

/** The line in an object of JSON; as it is where it is none. Latin-1 in and out, as all lines. */
const fromJson: Unwrap = line => {
  if (!line.startsWith('{"')) return line;
  try {
    const entry: unknown = JSON.parse(Buffer.from(line, 'latin1').toString());
    const texts = LINE_FIELDS.flatMap(field =>
      isRecord(entry) && typeof entry[field] === 'string' ? [entry[field]] : [],
    );
    const [text = line] = texts;
    return Buffer.from(text.replace(/\r?\n$/, '').replace(/[\r\n]/g, ' ')).toString('latin1');
  } catch {
    return line;
  }
};

interface Found {
  carrier: Carrier;
  unwrap: Unwrap;
}

/** Every way in which these lines may be carried: those that are known first. */
function* ways(lines: readonly string[], score: (lines: readonly string[]) => number): Generator<Found> {
  for (const one of CARRIERS) {
    const bearing = lines.filter(line => one.prefix.test(line));
    const [first] = bearing;
    if (first === undefined || bearing.length * 2 < lines.length) continue;
    const tag = mostFrequentTag(bearing, one, line => score([line]) > 0);
    const unwrap = unwrapping(one, tag);
    const example = bearing.find(line => unwrap(line) !== '') ?? first;
    yield { carrier: { name: one.name, example: one.prefix.exec(example)?.[0] ?? '', tag }, unwrap };
  }
  const objects = lines.filter(line => fromJson(line) !== line);
  const [object] = objects;
  if (object !== undefined && objects.length * 2 >= lines.length)
    yield { carrier: { name: 'JSON', example: `${object.slice(0, EXAMPLE)}…`, tag: undefined }, unwrap: fromJson };
  for (const prefix of sharedPrefixes(lines)) {
    const example = lines.flatMap(line => prefix.exec(line)?.[0] ?? [])[0] ?? '';
    yield {
      carrier: { name: 'an unknown program', example, tag: undefined },
      unwrap: line => line.replace(prefix, ''),
    };
  }
}

/** Of an object, so much is shown. */
const EXAMPLE = 20;

/**
 * The carrier under which more of these lines are strace's than as they are, which is `fitting`, by the `score` of a list of lines; null: there
 * is none.
 */
export function findCarrier(
  lines: readonly string[],
  fitting: number,
  score: (lines: readonly string[]) => number,
): Found | null {
  let best = fitting;
  let found: Found | null = null;
  for (const way of ways(lines, score)) {
    const reached = score(lines.map(way.unwrap));
    if (reached <= best) continue;
    best = reached;
    found = way;
    if (best === lines.length) break;
  }
  return found;
}

/** How to have a log without what carries it, where this line bears something. */
export const howToUnwrap = (line: string): string | undefined =>
  CARRIERS.find(({ prefix }) => prefix.test(line))?.instead;
