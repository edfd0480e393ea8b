// THE TABLE of files that libraries read for themselves: they come in families, and which of one is read depends on the message, the name or
// the module that is asked for. Where a use of one shows that a family is in use, all of it is there, and the proposal says that this is
// broader than observed. Sources: the manual pages named; AppArmor's abstractions divide them alike.

import type { Mode } from '../../../process/access.ts';
import { isBelow, parentOf } from '../../../process/resolve.ts';
import type { HostView } from '../../host-view.ts';
import { modesOf, type Need, type PathNeeds } from './needs.ts';

interface Family {
  /** Directories and files of it that are there on this machine; `LIB`: the directory of the C library. */
  places: readonly string[];
  /** Uses at or below these show it; absent: `places` do. */
  shown?: readonly string[];
  /** Files of LIB whose names begin so. */
  modules?: string;
  source: string;
}

// biome-ignore format: one family a row
const FAMILIES: Readonly<Record<string, Family>> = {
  'locales':           { places: ['/usr/lib/locale', '/usr/share/locale', 'LIB/gconv'], source: 'locale(7), iconv(1)' },
  'time zones':        { places: ['/usr/share/zoneinfo'], shown: ['/usr/share/zoneinfo', '/etc/localtime', '/etc/timezone'], source: 'tzset(3)' },
  'name service':      { places: ['/etc/nsswitch.conf', '/etc/passwd', '/etc/group', '/etc/hosts', '/etc/host.conf', '/etc/gai.conf', '/etc/services', '/etc/protocols', '/etc/networks'], shown: ['/etc/nsswitch.conf'], modules: 'libnss_', source: 'nsswitch.conf(5)' },
  'trusted certificates': { places: ['/etc/ssl/certs', '/usr/share/ca-certificates', '/usr/local/share/ca-certificates', '/etc/pki/ca-trust', '/etc/pki/tls/certs'], source: 'SSL_CTX_set_default_verify_paths(3)' },
  'OpenSSL':           { places: ['/etc/ssl/openssl.cnf', 'LIB/ossl-modules', 'LIB/engines-3'], shown: ['/etc/ssl/openssl.cnf', '/usr/lib/ssl/openssl.cnf', 'LIB/ossl-modules'], source: 'config(5ssl)' },
  'Kerberos':          { places: ['/etc/krb5.conf', '/etc/krb5.conf.d', '/etc/gss', 'LIB/krb5', 'LIB/gss'], source: 'krb5.conf(5)' },
  'terminals':         { places: ['/etc/terminfo', '/lib/terminfo', '/usr/lib/terminfo', '/usr/share/terminfo'], source: 'terminfo(5)' },
};

/** Standard libraries of interpreters, the directory first: of one, any part may be asked for. */
const STANDARD_LIBRARIES: readonly RegExp[] = [
  /^(\/usr(?:\/local)?\/lib\/python\d(?:\.\d+)?)\//,
  /^(\/usr\/share\/perl(?:5|\/[\d.]+)?)\//,
  /^(\/usr\/lib\/[^/]+\/perl(?:5|-base)?)\//,
  /^(\/usr(?:\/local)?\/lib\/ruby)\//,
  /^(\/usr\/(?:share|lib)\/(?:php|nodejs|node_modules|tcltk|lua))\//,
];

const STANDARD_LIBRARY = 'a standard library';

/** A directory is there with all that is in it; modules are mapped. */
const LISTED: readonly Mode[] = ['list'];
const MAPPED: readonly Mode[] = ['map'];

/** Uses that read what a path holds; looking a name up shows nothing. */
const READS: readonly Mode[] = ['read', 'map', 'list'];

const isRead = ({ modes, pattern }: Need): boolean => pattern !== true && READS.some(mode => modes.has(mode));

/** The directory of the C library, by the use of it. */
const libraryDirectory = (used: readonly Need[]): string | undefined =>
  used.map(({ path }) => path).find(path => /\/libc\.so\.6$|\/libc-[\d.]+\.so$/.test(path));

/** What was used, and the rest of the families of files that it shows, as far as they are there. */
export function withLibraryFiles<Needs extends Pick<PathNeeds, 'used'>>(needs: Needs, host: HostView): Needs {
  const read = [...needs.used.values()].filter(isRead);
  const libc = libraryDirectory(read);
  const library = libc === undefined ? undefined : parentOf(libc);
  const placed = (path: string): string[] =>
    path.startsWith('LIB/') ? (library === undefined ? [] : [`${library}${path.slice(3)}`]) : [path];
  const used = new Map(needs.used);
  const add = (path: string, shown: Need, family: string): void => {
    const type = host.type(path);
    if (type !== 'directory' && type !== 'file') return;
    if (used.get(path)?.modes.has('list') === true || (type === 'file' && used.has(path))) return;
    const wider = `${shown.path} was read, so all of this family is there: ${family}`;
    const isCode = family === STANDARD_LIBRARY || (library !== undefined && isBelow(path, library));
    const modes = modesOf(['read', ...(type === 'directory' ? LISTED : []), ...(isCode ? MAPPED : [])]);
    used.set(path, { ...shown, path, modes, wider });
  };
  for (const [family, { places, shown, modules }] of Object.entries(FAMILIES)) {
    const signs = (shown ?? places).flatMap(placed);
    const sign = read.find(({ path }) => signs.some(top => isBelow(path, top)));
    if (sign === undefined) continue;
    const names = modules === undefined || library === undefined ? [] : (host.entries(library) ?? []);
    const own = names.filter(name => modules !== undefined && name.startsWith(modules));
    for (const path of [...places.flatMap(placed), ...own.map(name => `${library}/${name}`)]) add(path, sign, family);
  }
  for (const need of read)
    for (const pattern of STANDARD_LIBRARIES) {
      const top = pattern.exec(need.path)?.[1];
      if (top !== undefined) add(top, need, STANDARD_LIBRARY);
    }
  return { ...needs, used };
}
