// What there is to tell of a command, as plain data: for the man page, completions, the reference in docs/ and the schema of the config file.

export interface OptionManual {
  /** Without dashes. */
  name: string;
  /** One letter. */
  alias: string | null;
  /** What its value is called (FILE, N, VALUE); null for a switch. */
  metavar: string | null;
  choices: readonly string[];
  /** Usual values, for completion. */
  offers: readonly string[];
  /** May be given several times. */
  many: boolean;
  type: 'string' | 'number' | 'boolean';
  default: string | null;
  /** A switch that is on unless `--no-NAME` turns it off. */
  isOn: boolean;
  describe: string;
}

export interface CommandManual {
  verb: string;
  summary: string;
  operands: string;
  description: string;
  options: readonly OptionManual[];
  examples: readonly (readonly [string, string])[];
}
