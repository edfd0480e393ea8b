// Units of which there are many: a template's instance and a user's home stand in paths as specifiers, so that one drop-in serves all.
// What one instance did is then allowed to the others, below their own names. Sources: systemd.unit(5), «Specifiers»; systemd-escape(1).

import type { Directive } from '../../policy.ts';

/** Settings whose values are paths. */
const PATHS: ReadonlySet<string> = new Set([
  'BindPaths',
  'BindReadOnlyPaths',
  'CacheDirectory',
  'ExecPaths',
  'InaccessiblePaths',
  'LogsDirectory',
  'NoExecPaths',
  'ReadOnlyPaths',
  'ReadWritePaths',
  'RuntimeDirectory',
  'StateDirectory',
  'TemporaryFileSystem',
]);

/** Below these an instance's name is chance. */
const SYSTEM = /^[-"]*\/(?:usr|bin|sbin|lib|lib64|boot|dev|proc|sys)(?:\/|$)/;

/** Words of a list of paths; quoted ones whole. */
const WORDS = /"(?:[^"\\]|\\.)*"|\S+/g;

/** The instance in `name@instance.service`; undefined for other units, and where it is no name, such as `-` of `postfix@-.service`. */
function instanceOf(unit: string): string | undefined {
  const found = /@(.+?)(?:\.[a-z]+)?$/.exec(unit)?.[1];
  return found !== undefined && /[A-Za-z0-9]/.test(found) ? found : undefined;
}

/** As systemd-escape(1) writes it, read back: `-` is `/`, `\x2d` is `-`. */
const unescaped = (instance: string): string =>
  instance.replace(/-|\\x([0-9a-f]{2})/g, (_, hex: string | undefined) =>
    hex === undefined ? '/' : String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** A text where it is a part of a name of its own: `main` in `/srv/app-main/x`, not in `/srv/domain`. */
const standing = (text: string): RegExp =>
  new RegExp(`(?<![A-Za-z0-9_\\\\%])${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![A-Za-z0-9_])`, 'g');

/** The directives with `%i` (or `%I`, or `%h` for a user's unit) in place of what it stands for. */
export function withSpecifiers(
  directives: readonly Directive[],
  { unit, home }: { unit?: string | undefined; home?: string | undefined },
): Directive[] {
  const instance = unit === undefined ? undefined : instanceOf(unit);
  const rules: [RegExp, string][] = [];
  if (home !== undefined) rules.push([new RegExp(`(?<=^[-"]*)${home.replace(/[.+]/g, '\\$&')}(?=[/":]|$)`, 'g'), '%h']);
  if (instance !== undefined) {
    rules.push([standing(instance), '%i']);
    if (unescaped(instance) !== instance) rules.push([standing(unescaped(instance)), '%I']);
  }
  return directives.map(directive => {
    if (!PATHS.has(directive.name)) return directive;
    const value = directive.value.replace(WORDS, word =>
      SYSTEM.test(word) ? word : rules.reduce((text, [pattern, specifier]) => text.replace(pattern, specifier), word),
    );
    if (value === directive.value) return directive;
    const wider = `seen as ${directive.value}; the same is allowed to every instance, below its own name`;
    return { ...directive, value, wider: directive.wider === undefined ? wider : `${directive.wider}; ${wider}` };
  });
}

/** A value of a proposal as it counts for the unit it was learned from: its specifiers resolved again. */
export function withoutSpecifiers(
  value: string,
  { unit, home }: { unit?: string | undefined; home?: string | undefined },
): string {
  const instance = unit === undefined ? undefined : instanceOf(unit);
  const texts: Readonly<Record<string, string | undefined>> = {
    '%%': '%',
    '%i': instance,
    '%I': instance === undefined ? undefined : unescaped(instance),
    '%h': home,
  };
  return value.replace(/%./g, specifier => texts[specifier] ?? specifier);
}
