// Log text → events, without a process in between.

import { type Event, Events } from '../../src/process/events.ts';

export function eventsOf(text: string, { cwd, chunk }: { cwd?: string; chunk?: number } = {}): Event[] {
  const events: Event[] = [];
  const reader = new Events(cwd, event => events.push(event)).reader();
  const size = chunk ?? text.length;
  for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
  reader.end();
  return events;
}

/** `syscall path` of every path of every event. */
export const pathsOf = (events: readonly Event[]): string[] =>
  events.flatMap(({ syscall, paths }) => (paths ?? []).map(({ path }) => `${syscall} ${path}`));
