// Which calls are settled by their names alone, or by their names unless one of some words stands in them.

import { GREATER, LESS } from '../characters';
import { WORD } from '../scan-layout';

/** A rule: where its name is and how long, where its words begin and how many there are, where the word is that must be shown (0: none). */
const RULE_BYTES: u32 = 20;
const RULES: u32 = 131072;
/** For each rule, which bytes its words begin with. */
const BEGINS: u32 = 163840;
/** Hash of a name → number of its rule + 1; collisions go on to the next slot. */
const NAMES: u32 = 327680;
const NAME_SLOTS: u32 = 4096;
/** Words, each behind its length. */
const WORDS: u32 = 360448;

let rules: i32 = 0;
let free: u32 = WORDS;

/** No rules any more. */
export function beginRules(): void {
  memory.fill(BEGINS, 0, 256 * rules);
  memory.fill(NAMES, 0, 2 * NAME_SLOTS);
  rules = 0;
  free = WORDS;
}

/** A rule for the name of this length in WORD; it has no words yet. */
export function addRule(length: i32): void {
  const rule = RULES + rules * RULE_BYTES;
  memory.copy(free, WORD, length);
  store<u32>(rule, free);
  store<i32>(rule, length, 4);
  free += length;
  store<u32>(rule, free, 8);
  store<i32>(rule, 0, 12);
  store<u32>(rule, 0, 16);
  let slot = slotOf(hashOf(WORD, WORD + length));
  while (load<u16>(NAMES + 2 * slot) !== 0) slot = (slot + 1) & (NAME_SLOTS - 1);
  rules++;
  store<u16>(NAMES + 2 * slot, rules);
}

/** The last rule does not hold where this word stands, whose length is given and which is in WORD. */
export function addWord(length: i32): void {
  const rule = RULES + (rules - 1) * RULE_BYTES;
  store<u8>(BEGINS + 256 * (rules - 1) + load<u8>(WORD), 1);
  store<i32>(free, length);
  memory.copy(free + 4, WORD, length);
  free += 4 + length;
  store<i32>(rule, load<i32>(rule, 12) + 1, 12);
}

/** The last rule holds only where this word stands, whose length is given and which is in WORD. It comes behind the other words. */
export function addShown(length: i32): void {
  store<u32>(RULES + (rules - 1) * RULE_BYTES, free, 16);
  store<i32>(free, length);
  memory.copy(free + 4, WORD, length);
  free += 4 + length;
}

/** The number of the rule for the name [at, end), or -1. */
export function ruleOf(at: u32, end: u32): i32 {
  let slot = slotOf(hashOf(at, end));
  let number: i32 = load<u16>(NAMES + 2 * slot);
  while (number !== 0 && !isName(number - 1, at, end)) {
    slot = (slot + 1) & (NAME_SLOTS - 1);
    number = load<u16>(NAMES + 2 * slot);
  }
  return number - 1;
}

function isName(number: i32, at: u32, end: u32): bool {
  const rule = RULES + number * RULE_BYTES;
  return load<u32>(rule, 4) === end - at && isAt(at, load<u32>(rule), end - at);
}

/** Does the rule hold whatever stands in the call? */
export function holdsAlways(rule: i32): bool {
  return load<i32>(RULES + rule * RULE_BYTES, 12) === 0;
}

/** Does the rule hold for the call whose text behind the name is [at, end)? */
export function holds(rule: i32, at: u32, end: u32): bool {
  if (holdsAlways(rule)) return true;
  const begins = BEGINS + 256 * rule;
  const word = load<u32>(RULES + rule * RULE_BYTES, 16);
  const shown = word === 0 ? at : shownAt(word, at, end);
  if (shown === end) return false;
  for (; at < end; at++) if (load<u8>(begins + load<u8>(at)) !== 0 && wordAt(rule, at, end)) return false;
  return true;
}

/** Where the word stands first, outside of `<…>`, which the traced program may have named; `end`: nowhere. */
function shownAt(word: u32, at: u32, end: u32): u32 {
  const first = load<u8>(word, 4);
  for (; at < end; at++) {
    const code = load<u8>(at);
    if (code === first && startsWith(word, at, end)) return at;
    if (code === LESS) while (at + 1 < end && load<u8>(at + 1) !== GREATER) at++;
  }
  return end;
}

function startsWith(word: u32, at: u32, end: u32): bool {
  const length = load<u32>(word);
  return at + length <= end && isAt(at, word + 4, length);
}

function wordAt(rule: i32, at: u32, end: u32): bool {
  let word: u32 = load<u32>(RULES + rule * RULE_BYTES, 8);
  for (let left = load<i32>(RULES + rule * RULE_BYTES, 12); left > 0; left--) {
    if (startsWith(word, at, end)) return true;
    word += 4 + load<u32>(word);
  }
  return false;
}

/** Do the same bytes stand at both places? */
export function isAt(at: u32, word: u32, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) if (load<u8>(at + i) !== load<u8>(word + i)) return false;
  return true;
}

function hashOf(at: u32, end: u32): u32 {
  let hash: u32 = 0;
  for (; at < end; at++) hash = hash * 31 + load<u8>(at);
  return hash;
}

function slotOf(hash: u32): u32 {
  return (hash ^ (hash >>> 12)) & (NAME_SLOTS - 1);
}
