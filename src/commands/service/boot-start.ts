// Starting a service as after a boot: what it left in /run is set aside first. What it does without that is only known by doing it.

import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { holdersInRun, namesOther } from '../../host/run-holders.ts';
import { madeByTmpfiles } from '../../host/tmpfiles.ts';
import { ensureDirectory, writeAtomically } from '../../profile/file.ts';
import type { Profile } from '../../profile/profile.ts';
import { asideOf, asideWords, bootStartText, SET_ASIDE, tmpfilesWords } from '../../systemd/boot-start-unit.ts';
import { leftovers, slotOf } from '../../systemd/leftovers.ts';
import { bootStartName, type Places, startedMark } from '../../systemd/places.ts';
import type { Properties, Systemctl } from '../../systemd/systemctl.ts';
import { removeEmpty } from './remove-empty.ts';

/** Runs a program and waits for it; what it says is of no interest. */
const quietly = async (file: string, words: readonly string[]): Promise<boolean> =>
  !(await execa(file, words, { reject: false, stdio: 'ignore', detached: true })).failed;

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const ownerOf = (path: string): number => lstatSync(path, { throwIfNoEntry: false })?.uid ?? 0;

const entriesOf = (directory: string): string[] =>
  existsSync(directory) ? readdirSync(directory).map(name => `${directory}/${name}`) : [];

const directoriesOf = (show: string): string[] =>
  show.split(' ').flatMap(name => (name === '' ? [] : [`/run/${name}`, `/run/private/${name}`]));

/** RuntimeDirectory= of every other unit that is loaded. */
async function foreignDirectories(unit: string, systemctl: Systemctl): Promise<string[]> {
  const { stdout } = await systemctl.attempt('show', '--property=Id,RuntimeDirectory', '*.service');
  return stdout.split('\n\n').flatMap(block => {
    const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
    return value('Id') === unit ? [] : directoriesOf(value('RuntimeDirectory'));
  });
}

/** Names by which the unit's entries of /run may go. Those of a template are shared by its instances. */
function namesOf(unit: string, show: Properties): string[] {
  const bare = unit.replace(/\.service$/, '');
  if (bare.includes('@')) return [bare, bare.replace('@', '-')];
  const program = /path=(\S+)/.exec(show('ExecStart'))?.[1]?.replace(/^.*\//, '') ?? bare;
  return [bare, program];
}

/** What a profile says that the service made in /run. */
const madeIn = (profile: Profile | null): string[] =>
  (profile?.facts ?? []).flatMap(fact => {
    if ('errno' in fact && fact.errno !== undefined) return [];
    const path =
      fact.kind === 'move'
        ? fact.to
        : fact.kind === 'path' && fact.pattern !== true && (fact.mode === 'create' || fact.mode === 'bind')
          ? fact.path
          : '';
    return slotOf(path) === null ? [] : [path];
  });

/** What the unit has left in /run and a boot would not give it; `profile`: what was learned of it. Only for the system's own manager. */
export async function leftInRun(
  unit: string,
  show: Properties,
  systemctl: Systemctl,
  profile: Profile | null,
): Promise<string[]> {
  if (systemctl.user) return [];
  const holders = holdersInRun(unit);
  const own = holders.filter(holder => holder.own);
  const others = holders.filter(holder => !holder.own);
  const uids = new Set(own.map(({ uid }) => uid).filter(uid => uid !== 0 && !others.some(other => other.uid === uid)));
  // That tmpfiles.d makes an entry for a user that many services share does not make it this one's.
  const atBoot = madeByTmpfiles();
  const entries = ['/run', '/run/lock', '/run/private'].flatMap(entriesOf);
  return leftovers({
    names: namesOf(unit, show),
    declared: [...directoriesOf(show('RuntimeDirectory')), ...(show('PIDFile') === '' ? [] : [show('PIDFile')])],
    made: [...own.flatMap(({ holds }) => holds), ...madeIn(profile)],
    owned: entries.filter(entry => uids.has(ownerOf(entry)) && !atBoot.has(entry)),
    held: [...others.flatMap(({ holds }) => holds), ...entries.filter(entry => namesOther(entry, unit))],
    foreign: await foreignDirectories(unit, systemctl),
    entries,
    exists: isThere,
  });
}

/** Units that run and may be stopped with this one: systemd stops what requires it, and does not start that again. */
async function runningDependents(unit: string, systemctl: Systemctl): Promise<string[]> {
  const words = ['--plain', '--no-legend'];
  const active = await systemctl.attempt('list-units', '--state=active,activating,reloading', ...words);
  const running = new Set(active.stdout.split('\n').map(line => line.trim().split(' ')[0] ?? ''));
  const reverse = await systemctl.attempt('list-dependencies', '--reverse', '--all', ...words, '--', unit);
  const names = reverse.stdout.split('\n').map(line => line.replace(/^[^A-Za-z0-9]+/, '').trim());
  return [...new Set(names)].filter(
    name => name !== unit && running.has(name) && !/\.(?:target|slice|device)$/.test(name),
  );
}

/** Stops the unit, sets `paths` aside, and starts it. What stops with it is started again. */
export async function startAsAfterBoot(
  unit: string,
  paths: readonly string[],
  where: Places,
  systemctl: Systemctl,
): Promise<{ failed: boolean; stderr: string }> {
  const dependents = await runningDependents(unit, systemctl);
  await ensureDirectory(dirname(where.bootStart));
  await writeAtomically(where.bootStart, bootStartText({ unit, paths, aside: where.aside, dependents }));
  try {
    await systemctl.reload();
    return await systemctl.attempt('start', '--', bootStartName(unit));
  } finally {
    await rm(where.bootStart, { force: true });
    await systemctl.attempt('reset-failed', '--', bootStartName(unit));
    await systemctl.reload();
  }
}

/** The same for a unit that does not run: its next start is like the one after a boot. */
export async function setAside(paths: readonly string[], where: Places): Promise<void> {
  await quietly('/bin/sh', ['-c', SET_ASIDE, 'sh', ...asideWords({ paths, aside: where.aside })]);
  await quietly('systemd-tmpfiles', tmpfilesWords(paths));
}

/** Puts back what was set aside, in the place of what a start has made meanwhile. The unit should not run. */
export async function putBack(paths: readonly string[], where: Places): Promise<void> {
  for (const [i, path] of paths.entries()) {
    const kept = asideOf(where.aside, i);
    if (!isThere(kept)) continue;
    await rm(path, { recursive: true, force: true });
    await quietly('mv', ['-T', '--', kept, path]);
  }
  await forgetAside(where);
}

/** Later starts find what this one has left in /run: none of them counts as one after a boot. */
export const markStarted = ({ fifos }: Places): Promise<void> => writeFile(startedMark(fifos), '');

/** What was set aside is not wanted any more. */
export async function forgetAside(where: Places): Promise<void> {
  await rm(where.aside, { recursive: true, force: true });
  await removeEmpty(dirname(where.aside));
}
