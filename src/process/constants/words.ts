// Arguments in which constants may be numbers (-X raw, -e raw=…, bits that strace has no word for) → the same in words, once, before anything
// looks at them. What is in words already stays as it is.

import { SocketAddress } from 'node:net';
import { isDigit } from '../../strace/digits.ts';
import { encodeBytes, unescapeText } from '../../strace/text.ts';
import { PLACES_OF, type Place } from './places.ts';
import { isNumber, spelled } from './set.ts';
import { SETS } from './sets.ts';

/** `htons(0x3)`: of AF_PACKET strace always says which way round the bytes are. */
const SWAPPED = /^htons\((0x[0-9a-f]+)\)$/;

/** The ways in which one log writes constants are few; one that is made up may hold any. */
const known = new Map<string, string>();
const KNOWN = 1000;

function wordsFor(printed: string, { set }: Place): string {
  const key = `${set} ${printed}`;
  let words = known.get(key);
  if (words === undefined) {
    words = spelled(printed, SETS[set]);
    if (known.size < KNOWN) known.set(key, words);
  }
  return words;
}

const swap = (number: number): string => `0x${(((number & 0xff) << 8) | ((number >> 8) & 0xff)).toString(16)}`;

function argumentIn(raw: string, place: Place): string {
  const isSwapped = place.set === 'packet-protocol';
  if (isDigit(raw.charCodeAt(0)))
    return isSwapped && isNumber(raw) ? `htons(${wordsFor(swap(Number(raw)), place)})` : wordsFor(raw, place);
  const swapped = isSwapped ? SWAPPED.exec(raw)?.[1] : undefined;
  return swapped === undefined ? raw : `htons(${wordsFor(swapped, place)})`;
}

/** Does a digit stand behind one of these marks? Where constants are in words, none does. */
function hasNumber(raw: string, mark: string): boolean {
  for (let at = raw.indexOf(mark); at >= 0; at = raw.indexOf(mark, at + 1))
    if (isDigit(raw.charCodeAt(at + mark.length))) return true;
  return false;
}

/** Numbers of a field inside a struct; what stands in strings is left alone. */
function fieldIn(raw: string, mark: string, place: Place): string {
  if (!hasNumber(raw, mark)) return raw;
  const field = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|(?<=[{\\[, ]${mark})\\d[0-9a-fx|]*(?![\\w<|])`, 'g');
  return raw.replace(field, found => (found.startsWith('"') ? found : wordsFor(found, place)));
}

const ADDRESS_BYTES = /\b(sin6?_(?:port|addr))="((?:[^"\\]|\\.)*)"/g;

/** The bytes of ports and addresses, which -X raw shows as they lie in memory, high byte first: `sin_port="\x00\x51"` → `sin_port=htons(81)`. */
function addressIn(raw: string): string {
  return raw.replace(ADDRESS_BYTES, (whole, name: string, text: string) => {
    const bytes = encodeBytes(unescapeText(text));
    if (name.endsWith('port'))
      return bytes.length === 2 ? `${name}=htons(${((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)})` : whole;
    if (bytes.length === 4) return `${name}=inet_addr("${bytes.join('.')}")`;
    if (bytes.length !== 16) return whole;
    const groups = Array.from({ length: 8 }, (_, i) =>
      (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
    );
    const { address } = new SocketAddress({ family: 'ipv6', address: groups.join(':') });
    return `inet_pton(AF_INET6, "${address}", &${name})`;
  });
}

/** Takes the arguments of one call, and gives them back with their constants in words. */
export function inWords(name: string, args: string[]): string[] {
  const places = PLACES_OF.get(name);
  if (places === undefined) return args;
  for (const place of places) {
    const { arg, field, when } = place;
    const raw = args[arg];
    if (raw === undefined || (when !== undefined && args[when[0]] !== when[1])) continue;
    args[arg] = field === undefined ? argumentIn(raw, place) : fieldIn(raw, field, place);
    if (field === 'sa_family=' && /_(?:port|addr)="/.test(raw)) args[arg] = addressIn(args[arg] ?? raw);
  }
  return args;
}
