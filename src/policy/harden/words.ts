// What is known of a unit and its programs without running them: plain words, each with where it stands. Types only; host/program-words.ts reads them.

/** A program, a helper that it names, a module of its own, a script, or a file of its configuration. */
export interface FileWords {
  path: string;
  kind: 'elf' | 'script' | 'configuration';
  /** Functions that it takes from libraries. */
  imports: ReadonlySet<string>;
  /** Libraries by their names. */
  libraries: readonly string[];
  executableStack: boolean;
  /** All its text: of a program, what a person could read in it. */
  text: string;
}

export interface UnitWords {
  files: readonly FileWords[];
  /** The lines of the unit, `Name=value`. */
  lines: readonly string[];
  /** Programs among what the files name that give more rights to whoever starts them (set-id bits, file capabilities). */
  privileged: readonly { path: string; namedIn: string }[];
  /** The home of the user it starts as; null: it starts as root, or the user is not known here. */
  home: string | null;
  /** Programs that could not be read, so that nothing is known of them. */
  unread: readonly string[];
}
