// The answer of a check in each of its forms, held against the form's own rules: JSON Schema, SARIF's schema, GitHub's escaping, XML.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import test from 'ava';
import { execa } from 'execa';
import { checkGithub } from '../../src/render/check-github.ts';
import { checkJson } from '../../src/render/check-json.ts';
import { checkJunit } from '../../src/render/check-junit.ts';
import { checkSarif } from '../../src/render/check-sarif.ts';
import { checkText } from '../../src/render/check-text.ts';
import { PLAIN } from '../../src/render/style.ts';
import fc from '../support/fast-check.ts';
import { root } from '../support/fixtures.ts';
import { EVERY_KIND, hostileVerdict, line, verdict, violation } from '../support/verdicts.ts';

const schemaOf = (path: string): object => JSON.parse(readFileSync(path, 'utf8'));
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
formats.default(ajv);
const isAnswer = ajv.compile(schemaOf(`${root}docs/schemas/check.schema.json`));
// The published schema is draft 4, which differs from draft 7 in the name of `id` only, as far as it is used there.
const {
  $schema: _,
  id: __,
  ...sarif
} = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'),
    'utf8',
  ),
);
const isSarif = ajv.compile(sarif);

const all = verdict({
  violations: [...EVERY_KIND],
  accepted: [...EVERY_KIND.slice(0, 1)],
  unused: [{ by: line('SystemCallFilter', '@mount'), allows: '@mount' }],
  unknown: [line('IPAddressDeny', 'any')],
});
const sarifOf = (one = all) =>
  checkSarif(one, { version: '1.2.3', cwd: '/repo', listUnused: true, isFile: file => file === 'mail.strace' });

test('a call that was not traced but assumed is marked', t => {
  const by = line('SystemCallFilter', '@basic-io');
  const one = violation({ kind: 'syscall', name: 'epoll_wait', assumed: true }, by, 'SIGSYS', null);
  const assumed = verdict({ violations: [one] });
  t.regex(checkText(assumed, { style: PLAIN, listUnused: false }), /SIGSYS {2}epoll_wait, assumed: it was not traced/);
  const [json] = JSON.parse(checkJson(assumed)).violations;
  t.is(json.assumed, true);
  t.true(isAnswer(JSON.parse(checkJson(assumed))));
});

test('JSON fits its schema, one violation each, and a wrong one does not', t => {
  const answer = JSON.parse(checkJson(all));
  t.true(isAnswer(answer), ajv.errorsText(isAnswer.errors));
  t.is(answer.violations.length, EVERY_KIND.length);
  t.deepEqual(answer.violations[0], {
    access: 'write',
    path: '/srv/mail',
    outcome: 'EROFS',
    directive: 'ProtectSystem',
    unit: { file: 'units/mail.service', line: 4 },
    origin: { trace: 'mail.strace', line: 120, pid: 7, syscall: 'openat' },
    fix: { text: 'add ReadWritePaths=/srv/mail', edits: [{ action: 'add', line: 'ReadWritePaths=/srv/mail' }] },
  });
  t.deepEqual(answer.violations.map(({ access }: { access: string }) => access).slice(1), [
    'move',
    'syscall',
    'socket',
    'address',
    'capability',
    'namespace',
    'memory',
    'feature',
    'process',
  ]);
  t.false(isAnswer({ ...answer, violations: [{ ...answer.violations[0], path: undefined, access: 'frobnicate' }] }));
});

test('SARIF fits the published schema: one result a cause, both places, fingerprints that do not depend on lines', t => {
  const log = JSON.parse(sarifOf());
  t.true(isSarif(log), ajv.errorsText(isSarif.errors));
  const [{ tool, results }] = log.runs;
  t.regex(tool.driver.informationUri, /^https:/);
  t.true(tool.driver.rules.some(({ id }: { id: string }) => id === 'SystemCallFilter'));
  for (const result of results) t.is(tool.driver.rules[result.ruleIndex].id, result.ruleId);
  // ProtectSystem=strict denies a write and a rename.
  const lines = new Set(EVERY_KIND.map(({ by }) => `${by.at.line} ${by.name}`));
  t.is(results.filter(({ level, suppressions }: Told) => level === 'error' && !suppressions).length, lines.size);
  t.is(results[0].message.text.split('\n')[0], 'ProtectSystem= denies 2 observed accesses.');
  t.is(results[0].locations[0].physicalLocation.artifactLocation.uri, 'units/mail.service');
  t.is(results[0].relatedLocations[0].physicalLocation.region.startLine, 120);
  const [first] = EVERY_KIND;
  if (first === undefined) return t.fail();
  const moved = verdict({ violations: [{ ...first, by: line('ProtectSystem', 'strict', '/repo/x y.conf', 99) }] });
  const [again] = JSON.parse(sarifOf(moved)).runs[0].results;
  t.deepEqual(again.partialFingerprints, results[0].partialFingerprints);
  t.is(again.locations[0].physicalLocation.artifactLocation.uri, 'x%20y.conf');
  t.is(results.filter(({ suppressions }: Told) => suppressions !== undefined).length, 1);
});

interface Told {
  level: string;
  suppressions?: object[];
}

test('SARIF names no log as a place that is not there to be opened', t => {
  const text = checkSarif(all, { version: '1.2.3', cwd: '/repo', listUnused: false, isFile: () => false });
  t.false(text.includes('relatedLocations'));
  t.true(text.includes('mail.strace:120'));
});

/** Undoes GitHub's escaping, and fails on what it would not read as one command. */
function readCommands(text: string): { level: string; properties: Map<string, string>; message: string }[] {
  return text
    .split('\n')
    .filter(row => row !== '')
    .map(row => {
      const match = /^::(error|warning|notice) ((?:[a-z]+=[^,:]*,?)+)::(.*)$/.exec(row);
      if (match === null) throw new Error(`no workflow command: ${row}`);
      const decode = (value: string): string =>
        value.replace(/%(0A|0D|3A|2C|25)/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      const properties = (match[2] ?? '').split(',').map((pair): [string, string] => {
        const cut = pair.indexOf('=');
        return [pair.slice(0, cut), decode(pair.slice(cut + 1))];
      });
      return { level: match[1] ?? '', properties: new Map(properties), message: decode(match[3] ?? '') };
    });
}

test('GitHub annotations: one for each denying line, at the line of the unit, with a short title', t => {
  const commands = readCommands(checkGithub(all, { cwd: '/repo', listUnused: false }));
  const syscall = commands.find(({ properties }) => properties.get('title')?.startsWith('SystemCallFilter'));
  t.is(syscall?.level, 'error');
  t.is(syscall?.properties.get('file'), 'units/mail.service');
  t.is(syscall?.properties.get('line'), '6');
  t.is(syscall?.properties.get('title'), 'SystemCallFilter= denies 1 observed access');
  t.regex(
    syscall?.message ?? '',
    /^units\/mail\.service:6: SystemCallFilter=@basic-io\nSIGSYS: chroot by smtpd \(mail\.strace:120 openat\)\nFix: add SystemCallFilter=chroot$/,
  );
  t.is(commands.filter(({ properties }) => properties.get('title')?.startsWith('ProtectSystem')).length, 1);
});

// The elements and attributes of junit-10.xsd of the Jenkins xUnit plugin that are used here.
const JUNIT = `<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
 <xs:complexType name="told" mixed="true"><xs:attribute name="type"/><xs:attribute name="message"/></xs:complexType>
 <xs:element name="testsuites"><xs:complexType>
  <xs:sequence><xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
  <xs:attribute name="name"/><xs:attribute name="tests"/><xs:attribute name="failures"/><xs:attribute name="errors"/>
 </xs:complexType></xs:element>
 <xs:element name="testsuite"><xs:complexType>
  <xs:sequence><xs:element ref="testcase" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
  <xs:attribute name="name" use="required"/><xs:attribute name="tests" use="required"/>
  <xs:attribute name="failures" use="required"/><xs:attribute name="errors" use="required"/><xs:attribute name="skipped"/>
 </xs:complexType></xs:element>
 <xs:element name="testcase"><xs:complexType>
  <xs:choice minOccurs="0"><xs:element name="failure" type="told"/><xs:element name="skipped" type="told"/></xs:choice>
  <xs:attribute name="name" use="required"/><xs:attribute name="classname"/>
 </xs:complexType></xs:element>
</xs:schema>`;

async function xmlErrors(documents: readonly string[]): Promise<string> {
  const { mkdtemp, writeFile } = await import('node:fs/promises');
  const dir = await mkdtemp('/var/tmp/allowtrace-junit-');
  await writeFile(`${dir}/junit.xsd`, JUNIT);
  await Promise.all(documents.map((text, i) => writeFile(`${dir}/${i}.xml`, text)));
  const files = documents.map((_, i) => `${dir}/${i}.xml`);
  const { exitCode, stderr } = await execa('xmllint', ['--noout', '--schema', `${dir}/junit.xsd`, ...files], {
    reject: false,
  });
  return exitCode === 0 ? '' : stderr;
}

test('JUnit XML is valid, also with hostile names, and counts what failed', async t => {
  const hostile = fc.sample(hostileVerdict, { numRuns: 60, seed: 4 });
  const documents = [all, verdict(), ...hostile].map(checkJunit);
  t.is(await xmlErrors(documents), '');
  t.regex(documents[0] ?? '', /tests="10" failures="9"/);
  t.regex(documents[1] ?? '', /tests="1" failures="0"/);
});

test('[law] hostile names break no form and move no cursor', t => {
  const safe = fc.property(hostileVerdict, one => {
    const log: unknown = JSON.parse(sarifOf(one));
    const commands = readCommands(checkGithub(one, { cwd: '/repo', listUnused: true }));
    const text = checkText(one, { style: PLAIN, listUnused: true });
    return (
      isSarif(log) &&
      isAnswer(JSON.parse(checkJson(one))) &&
      commands.length === 5 &&
      !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(text) &&
      !text.split('\n').some(row => row.startsWith('::'))
    );
  });
  t.notThrows(() => fc.assert(safe, { numRuns: 300 }));
});

test('500 violations of one cause are a few lines: the denying line, ten accesses, how many more, the fix', t => {
  const fix = { edits: [{ action: 'add' as const, name: 'ReadWritePaths', value: '/srv' }], wider: 'all of /srv' };
  const by = line('ProtectSystem', 'strict', 'hard.conf', 3);
  const violations = Array.from({ length: 500 }, (_, i) =>
    violation({ kind: 'path', mode: 'create', path: `/srv/${i}` }, by, 'EROFS', fix),
  );
  const text = checkText(verdict({ violations }), { style: PLAIN, listUnused: false });
  t.regex(
    text,
    /^does not fit: mail\.service denies 500 of 480 observed accesses\n\n✗ hard\.conf:3: ProtectSystem=strict denies 500\n/,
  );
  t.regex(text, /\n {4}EROFS {2}create \/srv\/0 {2}smtpd {2}mail\.strace:120 openat \(3×\)\n/);
  t.regex(text, /… and 490 more/);
  t.regex(text, /→ add ReadWritePaths=\/srv \(broader than observed: all of \/srv\)/);
  t.true(text.split('\n').length < 20);
});
