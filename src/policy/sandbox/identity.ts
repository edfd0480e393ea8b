// Who a service is: the ids that User=, Group= and SupplementaryGroups= give it. Pure: the host is asked through HostView.
// Sources: systemd.exec(5), User= and DynamicUser=; credentials(7).

import type { CapabilityAccess } from '../../process/access.ts';
import type { Assignment } from '../findings.ts';
import type { HostView } from '../host-view.ts';
import { booleanOf, wordsOf } from './settings.ts';

export interface Identity {
  /** Null: not known here. Of a dynamic user no file is but those that systemd makes for it. */
  uid: number | null;
  gids: ReadonlySet<number>;
  /** The line that says so; null: it is root. */
  by: Assignment | null;
}

/** No id of any file. */
const NOBODYS_OWN = -1;
/** systemd has these built in: synthesize_user_creds(). */
const BUILT_IN: Readonly<Record<string, number>> = { root: 0, nobody: 65_534, nogroup: 65_534 };

/** `user`: the line that takes root from the service. */
export function identityOf(assignments: readonly Assignment[], user: Assignment | null, host: HostView): Identity {
  const last = (name: string): string | undefined => assignments.findLast(one => one.name === name)?.value;
  const groupId = (name: string): number | null => BUILT_IN[name] ?? host.group(name);
  const named = last('User');
  const dynamic = user?.name === 'DynamicUser' || (named !== undefined && host.user(named) === null && isDynamic(last));
  const account = named === undefined ? null : host.user(named);
  const uid = user === null ? 0 : dynamic ? NOBODYS_OWN : (BUILT_IN[named ?? ''] ?? account?.uid ?? null);
  const group = last('Group');
  const primary = group === undefined ? (user === null ? 0 : (account?.gid ?? uid)) : groupId(group);
  const more = assignments
    .filter(({ name }) => name === 'SupplementaryGroups')
    .flatMap(by => wordsOf(by).map(({ text }) => groupId(text)));
  const gids = [primary, ...(account?.groups ?? []), ...more].filter(gid => gid !== null);
  return { uid, gids: new Set(gids), by: user };
}

const isDynamic = (last: (name: string) => string | undefined): boolean =>
  booleanOf(last('DynamicUser') ?? 'no') === true;

/** Is it an id of the service's own that the call takes, so that it needs no capability for it? setuid(2), setgid(2). */
export function isOwnId({ uid, gids }: Identity, { name, detail = '' }: CapabilityAccess): boolean {
  const id = /^id (\d+)$/.exec(detail)?.[1];
  if (id === undefined) return false;
  return name === 'CAP_SETUID' ? uid === Number(id) : name === 'CAP_SETGID' && gids.has(Number(id));
}
