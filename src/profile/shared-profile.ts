// A profile file that several learners add to, each saving all it has learned so far again and again. Merging makes that safe: nothing is
// counted twice, and nobody's facts are lost. The file is read again only when somebody else has changed it.

import { stat } from 'node:fs/promises';
import { fileTrouble, UsageError } from '../errors.ts';
import { checkWritable, readProfile, unwritable, writeProfile } from './file.ts';
import { withLock } from './lock.ts';
import { emptyProfile, mergeProfiles } from './merge.ts';
import type { Profile } from './profile.ts';
import { withoutRuns } from './select.ts';

/** What tells one state of a file from another; null: there is none, or an empty one (mktemp(1)). */
async function stateOf(path: string): Promise<string | null> {
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isFile()) throw new UsageError('bad-profile', `${path}: is not a file, and cannot hold a profile`);
    const { dev, ino, size, mtimeNs } = stats;
    return size === 0n ? null : [dev, ino, size, mtimeNs].join(' ');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error instanceof UsageError ? error : new UsageError('unreadable', `${path}: ${fileTrouble(error)}`);
  }
}

/** Both as one; without a copy of the facts where one of them is empty. */
const together = (a: Profile, b: Profile): Profile => mergeProfiles([a, b].filter(({ runs }) => runs.length > 0));

export class SharedProfile {
  readonly path: string;
  #state: string | null = null;
  /** What the file holds of other runs. */
  #others: Profile = emptyProfile();
  /** What was taken last: all of our runs, so that nothing older of them has to be kept. */
  #own: Profile = emptyProfile();

  private constructor(path: string) {
    this.path = path;
  }

  /** Reads what is there already. A UsageError when it is not a profile. */
  static async open(path: string): Promise<SharedProfile> {
    const shared = new SharedProfile(path);
    await shared.#refresh();
    return shared;
  }

  /** Everything known: the file's content as last seen, and what was taken. Put together whenever it is asked for. */
  get known(): Profile {
    return together(this.#others, this.#own);
  }

  /** What keeps it from being saved now, such as a full disk; null: nothing. A UsageError when its directory does not even exist. */
  async obstacle(): Promise<string | null> {
    try {
      await checkWritable(this.path);
      return null;
    } catch (error) {
      if (!(error instanceof UsageError) || error.code === 'no-directory') throw error;
      return error.message;
    }
  }

  /** Takes all that was learned so far, in place of what was taken before of the same runs. */
  take(profile: Profile): void {
    this.#others = together(this.#others, withoutRuns(this.#own, profile.runs));
    this.#own = profile;
  }

  /** Takes `profile`, whether or not it can be saved, and saves. A file that has vanished is written anew. */
  async add(profile: Profile): Promise<void> {
    this.take(profile);
    try {
      await withLock(this.path, async () => {
        await this.#refresh();
        await writeProfile(this.path, this.known);
        this.#state = await stateOf(this.path);
      });
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  async #refresh(): Promise<void> {
    const state = await stateOf(this.path);
    if (state === null || state === this.#state) return;
    const read = withoutRuns(await readProfile(this.path), this.#own.runs);
    this.#others = together(this.#others, read);
    this.#state = state;
  }
}
