// What systemd reads of a unit, and what it does without.

import test from 'ava';
import type { Assignment } from '../../src/policy/findings.ts';
import { heeded } from '../../src/policy/sandbox/heeded.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';

function read(lines: readonly string[], systemd = 252): { kept: string[]; ignored: string[] } {
  const written = lines.map((text, i): Assignment => {
    const [name = '', ...value] = text.split('=');
    return { section: 'Service', name, value: value.join('='), at: { file: 'u', line: i + 1 } };
  });
  const { assignments, ignored } = heeded(written, { systemd, sets: syscallSets(systemd), resolve: one => one });
  return {
    kept: inForce(assignments).map(({ name, value }) => `${name}=${value}`),
    ignored: ignored.map(({ message }) => message),
  };
}

test('a value that no release knows does not take the place of the one before', t => {
  const { kept, ignored } = read(['ProtectSystem=full', 'ProtectSystem=stict', 'ProtectSystem=']);
  t.deepEqual(kept, ['ProtectSystem=full']);
  t.is(ignored.length, 2);
  t.deepEqual(read(['ProtectControlGroups=yes', 'ProtectControlGroups=strict'], 252).kept, [
    'ProtectControlGroups=yes',
  ]);
  t.deepEqual(read(['ProtectControlGroups=yes', 'ProtectControlGroups=strict'], 257).kept, [
    'ProtectControlGroups=strict',
  ]);
});

test('of a list the bad words are ignored, of a list of namespaces all of them', t => {
  t.deepEqual(read(['ReadWritePaths=-/a rel /b']).kept, ['ReadWritePaths=-/a /b']);
  t.deepEqual(read(['ReadWritePaths="/a b" /x/../y "/c']).kept, ['ReadWritePaths="/a b"']);
  t.deepEqual(read(['BindPaths=/a:/b x:/y /c']).kept, ['BindPaths=/a:/b /c']);
  t.deepEqual(read(['RestrictNamespaces=net nosuch']).kept, []);
  t.deepEqual(read(['CapabilityBoundingSet=~CAP_KILL CAP_NOSUCH']).kept, ['CapabilityBoundingSet=~CAP_KILL']);
});

test('a list of calls, families or capabilities without any known word still is a list that allows', t => {
  t.deepEqual(read(['SystemCallFilter=@nosuch']).kept, ['SystemCallFilter=@default']);
  t.deepEqual(read(['SystemCallFilter=~@nosuch']).kept, ['SystemCallFilter=~']);
  t.deepEqual(read(['RestrictAddressFamilies=inet']).kept, ['RestrictAddressFamilies=none']);
  t.deepEqual(read(['CapabilityBoundingSet=nosuch']).kept, ['CapabilityBoundingSet=']);
});
