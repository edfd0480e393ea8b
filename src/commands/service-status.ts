// `allowtrace service status`: what is being learnt, how it goes, and how complete it is.

import { existsSync } from 'node:fs';
import { EXIT } from '../errors.ts';
import { coverage } from '../profile/coverage.ts';
import { readProfile } from '../profile/file.ts';
import type { Profile } from '../profile/profile.ts';
import { type ServiceStatus, statusText } from '../render/service-status.ts';
import { styleFor } from '../render/style.ts';
import { collectorName, places } from '../systemd/places.ts';
import type { Systemctl } from '../systemd/systemctl.ts';
import type { Task } from './service.ts';
import { type Learnt, learntUnits } from './service-learning.ts';

async function statusOf(
  unit: string,
  learnt: Learnt | null,
  profilePath: string,
  systemctl: Systemctl,
): Promise<ServiceStatus> {
  const show = await systemctl.show(unit);
  const profile: Profile | null = existsSync(profilePath) ? await readProfile(profilePath) : null;
  const collector = learnt === null ? null : await systemctl.show(collectorName(unit));
  return {
    unit,
    active: show('ActiveState'),
    learning:
      learnt === null || collector === null
        ? null
        : {
            since: learnt.record.since,
            persistent: learnt.record.persistent,
            mode: learnt.record.mode,
            why: learnt.record.why,
            // The drop-in is gone when the collector failed for good and released the unit.
            wrapped: existsSync(learnt.places.dropin),
            collector: collector('ActiveState'),
            says: collector('StatusText'),
            restarts: Number(collector('NRestarts')),
          },
    profile:
      profile === null
        ? null
        : {
            path: profilePath,
            runs: profile.runs.length,
            lines: profile.runs.reduce((sum, run) => sum + run.lines, 0),
            seconds: profile.runs.reduce((sum, { start = 0, end = 0 }) => sum + (end - start), 0),
            facts: profile.facts.length,
          },
    coverage: profile === null ? null : coverage(profile),
  };
}

export async function status({ name, args, io, systemctl, scope }: Task): Promise<number> {
  const unit = name === '' ? null : (await systemctl.show(name))('Id');
  const learnt = learntUnits(scope).filter(({ record }) => unit === null || record.unit === unit);
  const found: ServiceStatus[] = [];
  for (const each of learnt) found.push(await statusOf(each.record.unit, each, each.record.profile, systemctl));
  if (unit !== null && found.length === 0)
    found.push(await statusOf(unit, null, places(unit, scope, false).profile, systemctl));
  if (args.json === true) io.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
  else if (found.length === 0) io.stderr.write('no service is being learnt\n');
  else {
    const style = styleFor(io.stdout, io.env);
    const now = Date.now() / 1000;
    io.stdout.write(found.map(each => statusText(each, style, now)).join('\n'));
  }
  return EXIT.ok;
}
