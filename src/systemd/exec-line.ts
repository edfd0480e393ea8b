// One command line of a unit: cut into words as systemd does, and wrapped so that another program starts it. Words stay as they
// were written: quotes, `$VARIABLES` and `%` specifiers mean the same in the wrapped line. Pure.
// Sources: systemd.service(5) «Command lines», systemd.syntax(7) «Quoting», systemd's config_parse_exec().

/** A command of an Exec line, in the words of the unit file. */
export interface ExecCommand {
  /** `-`, `@`, `:`, `+`, `!`, `!!`, `|` as written. */
  prefixes: string;
  /** The word of the program, quoted as written. */
  program: string;
  /** The words behind it, as written; with `@` the first is argv[0]. */
  words: string[];
}

/** How a program is started by another one. */
export interface Wrapper {
  /** The program that starts it and its words, up to and including `--`; each is quoted here. */
  words: readonly string[];
  /** How argv[0] is set: with `--argv0=`, by a program that is started with the path and argv[0] as its next words, or not at all. */
  argv0: 'option' | readonly string[];
  /** Where systemd finds a program that is named without `/`; null: it stays a name. */
  resolve: (name: string) => string | null;
  /** It starts as root, and gives that up for the command itself. */
  privileged?: true;
}

const PREFIX = /^(["']?)([-@:+!|]*)/;

/** The words of a command line, each with its quotes. An unclosed quote ends with the line. */
export function rawWords(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === '\\') word += char + line.charAt(++i);
    else if (quote === '' && /[ \t\n\r]/.test(char)) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      if (char === quote) quote = '';
      else if (quote === '' && (char === '"' || char === "'")) quote = char;
      word += char;
    }
  }
  if (word !== '') words.push(word);
  return words;
}

/** The commands of one assignment: a lone `;` separates them. */
export function readExec(value: string): ExecCommand[] {
  const commands: string[][] = [[]];
  for (const word of rawWords(value)) {
    if (word === ';') commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands.flatMap(([first, ...words]) => {
    if (first === undefined) return [];
    const [prefix = '', quote = '', prefixes = ''] = PREFIX.exec(first) ?? [];
    return [{ prefixes, program: quote + first.slice(prefix.length), words }];
  });
}

/** A word for an Exec line that systemd reads back as `text`, with nothing expanded in it. `verbatim`: the line has the prefix `:`. */
export function quoteWord(text: string, verbatim = false): string {
  const safe = (verbatim ? text : text.replace(/\$/g, '$$$$')).replace(/%/g, '%%');
  if (/^[A-Za-z0-9_./%+,@=:!?~$-]+$/.test(safe)) return safe;
  return `"${safe.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}"`;
}

/** Whether the command runs outside the unit's sandbox (`+`) or through a shell of systemd's choice (`|`): there is nothing to learn, or to wrap. */
export const isExempt = ({ prefixes }: ExecCommand): boolean => /[+|]/.test(prefixes);

/** Whether the command starts as root whatever User= says: `!`. (`!!` does so only where the kernel has no ambient capabilities.) */
export const isPrivileged = ({ prefixes }: ExecCommand): boolean => /^[^!]*![^!]*$/.test(prefixes);

/** The command with the wrapper in front; its own words are untouched. */
export function wrapExec(command: ExecCommand, wrapper: Wrapper): string {
  const { prefixes, words } = command;
  const verbatim = prefixes.includes(':');
  const ownName = prefixes.includes('@');
  const bare = unquoted(command.program);
  const found = bare.includes('/') ? null : wrapper.resolve(bare);
  // systemd expands no variables in the program's own word, but it would in an argument of the wrapper.
  const program =
    found === null ? (verbatim ? command.program : command.program.replace(/\$/g, '$$$$')) : quoteWord(found, verbatim);
  const quoted = (word: string): string => quoteWord(word, verbatim);
  const starter = wrapper.words.map(quoted);
  const [argv0, ...others] = words;
  let behind = [program, ...words];
  if (ownName && argv0 !== undefined) {
    if (wrapper.argv0 === 'option') {
      starter.splice(-1, 0, `--argv0=${argv0}`);
      behind = [program, ...others];
    } else if (wrapper.argv0.length > 0) behind = [...wrapper.argv0.map(quoted), program, ...words];
    else behind = [program, ...others];
  }
  const kept = wrapper.privileged === true ? `${prefixes.replace(/!/g, '')}!` : prefixes;
  return kept.replace(/@/g, '') + [...starter, ...behind].join(' ');
}

/** The command as it was written. */
export const formatExec = ({ prefixes, program, words }: ExecCommand): string =>
  /^["']/.test(program)
    ? [program.charAt(0) + prefixes + program.slice(1), ...words].join(' ')
    : [prefixes + program, ...words].join(' ');

/** A word without its quotes and simple escapes. */
export function unquoted(word: string): string {
  let text = '';
  let quote = '';
  for (let i = 0; i < word.length; i++) {
    const char = word.charAt(i);
    if (char === '\\') text += word.charAt(++i);
    else if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else text += char;
  }
  return text;
}
