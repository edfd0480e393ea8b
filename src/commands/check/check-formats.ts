// The forms in which a check answers: one row each.

import { existsSync } from 'node:fs';
import type { Verdict } from '../../policy/check/verdict.ts';
import { checkGithub } from '../../render/check-github.ts';
import { checkJson } from '../../render/check-json.ts';
import { checkJunit } from '../../render/check-junit.ts';
import { checkSarif } from '../../render/check-sarif.ts';
import { checkText } from '../../render/check-text.ts';
import { PLAIN, styleFor } from '../../render/style.ts';
import type { Io } from '../cli/command.ts';
import type { CheckFormat } from '../cli/options.ts';
import { packageVersion } from '../package-version.ts';

export interface AnswerOptions {
  format: CheckFormat;
  listUnused: boolean;
  /** Files below it are named relative to it. */
  cwd: string;
  /** Null: the answer goes to a file. */
  io: Io | null;
}

type Form = (verdict: Verdict, options: AnswerOptions) => string;

const FORMS: Readonly<Record<CheckFormat, Form>> = {
  text: (verdict, { io, listUnused }) =>
    checkText(verdict, { style: io === null ? PLAIN : styleFor(io.stdout, io.env), listUnused }),
  json: checkJson,
  sarif: (verdict, options) => checkSarif(verdict, { ...options, version: packageVersion(), isFile: existsSync }),
  github: checkGithub,
  junit: checkJunit,
};

export const answerText = (verdict: Verdict, options: AnswerOptions): string => FORMS[options.format](verdict, options);
