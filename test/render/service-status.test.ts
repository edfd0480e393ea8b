// The status of a service, as people read it.

import test from 'ava';
import { indented } from '../../src/render/indented.ts';
import { type ServiceStatus, statusText } from '../../src/render/service-status.ts';
import { PLAIN, styleFor } from '../../src/render/style.ts';

const NOW = 1_795_520_000;

const status: ServiceStatus = {
  unit: 'nginx.service',
  user: false,
  active: 'active',
  failure: '',
  proposal: null,
  learning: {
    since: NOW - 7_200,
    persistent: true,
    mode: 'complete',
    why: 'as root it may start set-uid programs, which a filter would break',
    until: 0.99,
    obstacle: '',
    wrapped: true,
    collector: 'active',
    says: '1366 lines read',
    restarts: 1,
  },
  diagnosed: false,
  reached: null,
  profile: {
    path: '/var/lib/allowtrace/nginx.service.json',
    runs: 2,
    lines: 1_366,
    seconds: 60,
    facts: 180,
    lastNew: { what: 'read /etc/nginx/\u001b[31mred', time: NOW - 60 },
  },
  unreadable: '',
  coverage: null,
  completeness: { quiet: { seconds: 12_000, observed: 86_400 }, leftOut: null, situations: ['a reload', 'midnight'] },
  incomplete: [],
};

test('a status fits a terminal of 80 columns, and no name in it can move the cursor', t => {
  const text = statusText(status, PLAIN, NOW, 80);
  for (const line of text.split('\n')) t.true([...line].length <= 80, line);
  t.is(
    text,
    `nginx.service active
  learning for 2 h, until a coverage of 99 %, also over a reboot; tracing
    complete: as root it may start set-uid programs, which a filter would break
  the collector was restarted 1 time
  2 runs, 1,366 lines (1,366 lines a minute), 180 facts
  last new fact 60 s ago: read /etc/nginx/\\x1b[31mred
  coverage: too few runs or time slices to estimate what is still unseen
  nothing new for 3 h; observed for 24 h
  leave-one-out: too little was observed to leave any of it out
  not observed: a reload, midnight
  kept in /var/lib/allowtrace/nginx.service.json
`,
  );
});

test('colours take no room in a line, and a word that is too long stays whole', t => {
  const { red } = styleFor({ isTTY: true }, {});
  t.is(indented(`${red('four')} four four`, 16), '  \x1b[31mfour\x1b[39m four four\n');
  t.is(indented('a /a/path/that/does/not/fit b', 12), '  a\n    /a/path/that/does/not/fit\n    b\n');
});

test('a period that has ended by itself tells when, at what coverage, and what the service does meanwhile', t => {
  const reached = { at: NOW - 600, wanted: 0.99, coverage: 0.9953, coverageError: 0.0012 };
  const learning = status.learning === null ? null : { ...status.learning, wrapped: false };
  const text = statusText({ ...status, learning, reached }, PLAIN, NOW, 200);
  t.regex(text, /reached the requested coverage of 99 % 10 min ago: 99\.5 % ± 0\.1/);
  t.regex(text, /strace has detached/);
  t.notRegex(text, /the collector failed repeatedly/);
  t.regex(statusText({ ...status, learning, reached: null }, PLAIN, NOW, 200), /its learning drop-in is gone/);
  const failed = learning === null ? null : { ...learning, collector: 'failed' };
  t.regex(
    statusText({ ...status, learning: failed, reached: null }, PLAIN, NOW, 200),
    /the collector failed repeatedly/,
  );
  const barred = status.learning === null ? null : { ...status.learning, obstacle: 'nobody may trace' };
  t.regex(
    statusText({ ...status, learning: barred }, PLAIN, NOW, 200),
    /will not start again until allowtrace service stop nginx\.service: nobody may trace/,
  );
  t.regex(
    statusText({ ...status, user: true, learning, reached }, PLAIN, NOW, 200),
    /allowtrace service stop nginx\.service --user restores it/,
  );
  const later = statusText({ ...status, learning: null, reached }, PLAIN, NOW, 200);
  t.regex(later, /not being learned\n {2}reached the requested coverage/);
});
