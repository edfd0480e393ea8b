// What a user is advised to do with a proposal, and what the model says that a sandbox leaves a service.

import test from 'ava';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { adviceOn } from '../../src/policy/propose/advice.ts';
import type { Completeness } from '../../src/policy/propose/completeness.ts';
import { type Outline, outlineOf, restricts } from '../../src/policy/sandbox/outline.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

function outline(...lines: string[]): Outline {
  const text = Buffer.from(`[Service]\n${lines.join('\n')}\n`);
  const context = { systemd: 252, sets: syscallSets(), host: UNKNOWN_HOST };
  return outlineOf(sandboxOf(inForce(readUnitText(text, 'unit')), context));
}

test('a sandbox without lines restricts nothing', t => {
  t.deepEqual(outline(), { writable: null, calls: null, capabilities: null, families: null });
  t.false(restricts(outline('PrivateTmp=no', 'ReadOnlyPaths=/etc')));
});

test('what is writable is read from the mounts, whatever line makes the rest read-only', t => {
  // namespace.c: strict leaves the homes to ProtectHome=.
  t.deepEqual(outline('ProtectSystem=strict').writable, ['/home', '/root', '/run/user']);
  t.deepEqual(outline('ProtectSystem=strict', 'ProtectHome=read-only').writable, []);
  t.deepEqual(outline('ReadOnlyPaths=/', 'ReadWritePaths=/srv /srv/a').writable, ['/srv']);
  t.deepEqual(outline('TemporaryFileSystem=/:ro', 'BindPaths=/srv').writable, ['/srv']);
  t.is(outline('ProtectSystem=full').writable, null);
});

test('calls, capabilities and families are counted as systemd adds the lines up', t => {
  const calls = (...lines: string[]): number => outline(...lines).calls?.allowed ?? -1;
  t.is(calls('SystemCallFilter=@default chroot') - calls('SystemCallFilter=@default'), 1);
  t.true(calls('SystemCallFilter=~@mount') > calls('SystemCallFilter=@system-service'));
  t.deepEqual(outline('CapabilityBoundingSet=CAP_KILL CAP_CHOWN').capabilities?.kept, ['CAP_CHOWN', 'CAP_KILL']);
  t.deepEqual(outline('CapabilityBoundingSet=').capabilities?.kept, []);
  t.deepEqual(outline('RestrictAddressFamilies=AF_UNIX').families, ['AF_UNIX']);
  t.deepEqual(outline('RestrictAddressFamilies=none').families, []);
});

const POLICY: Policy = {
  format: 'allowtrace-policy',
  version: 1,
  target: { systemd: 252, paths: ['strict'], syscalls: 'equal' },
  basis: { runs: 1, hosts: 1 },
  incomplete: [],
  directives: [],
  withheld: [],
  notes: [],
};
const COMPLETE: Completeness = {
  quiet: null,
  leftOut: { sample: 'run', cases: 4, denied: 0, accesses: [], total: 0 },
  situations: [],
};
const answer = (
  policy: Partial<Policy> = {},
  known: Partial<Completeness> = {},
  left = outline('ProtectSystem=strict'),
) => adviceOn({ ...POLICY, ...policy }, { ...COMPLETE, ...known }, left);

test('a proposal is to be installed only when nothing is missing and nothing is open', t => {
  t.is(answer().answer, 'install');
  t.is(answer({ incomplete: ['the log has no start'] }).answer, 'learn');
  t.is(answer({}, {}, outline()).answer, 'learn');
  t.is(answer({}, { leftOut: null }).answer, 'learn');
  t.is(answer({}, { leftOut: { sample: 'run', cases: 4, denied: 1, accesses: [], total: 1 } }).answer, 'learn');
});

test('situations that were not observed are told with how to bring them about', t => {
  const { answer: found, situations } = answer({}, { situations: ['a reload'] });
  t.is(found, 'learn');
  t.regex(situations[0]?.how ?? '', /systemctl reload/);
});

test('open questions and lines of the unit that no drop-in can change are decisions, each with two or three choices', t => {
  const rejected = [{ name: 'User', value: 'nobody', outcome: 'EACCES', evidence: [] }];
  const { answer: found, decisions } = answer({ rejected, notes: [{ kind: 'open', text: 'x is not y' }] });
  t.is(found, 'decide');
  t.deepEqual(
    decisions.map(({ choices }) => choices.length >= 2 && choices.length <= 3),
    [true, true],
  );
});
