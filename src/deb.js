// Makes build/allowtrace_VERSION_all.deb of what `npm run build` made: the command, its manual page, completions and units. Needs dpkg-deb and gzip.
// Sources: Debian Policy 4.7, chapters 5 and 12; hier(7).

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const { version, description, repository, license } = JSON.parse(readFileSync('package.json', 'utf8'));
const home = repository.url.replace(/^git\+|\.git$/g, '');
const maintainer = 'The allowtrace maintainers <maintainers@allowtrace.invalid>';
const stage = 'build/deb';
const share = '/usr/share/allowtrace';

const put = (path, content, mode = 0o644) => {
  const into = join(stage, path);
  mkdirSync(dirname(into), { recursive: true });
  writeFileSync(into, content);
  chmodSync(into, mode);
};
const copy = (from, into, mode = 0o644) => put(into, readFileSync(from), mode);
const gzip = text => gzipSync(text, { level: 9 });
const completion = shell => execFileSync(process.execPath, ['bin/allowtrace.js', 'completion', shell]);

rmSync(stage, { recursive: true, force: true });
process.umask(0o022);
for (const file of ['bin/package.json', 'package.json', 'build/src/render/report/browser/page.js'])
  copy(file, `${share}/${file}`);
for (const name of ['allowtrace', 'collect', 'scan-worker'])
  copy(`build/bundle/${name}.cjs`, `${share}/build/bundle/${name}.cjs`);
copy('bin/allowtrace.js', `${share}/bin/allowtrace.js`, 0o755);
mkdirSync(join(stage, 'usr/bin'), { recursive: true });
symlinkSync('../share/allowtrace/bin/allowtrace.js', join(stage, 'usr/bin/allowtrace'));
put('/usr/share/man/man1/allowtrace.1.gz', gzip(readFileSync('docs/man/allowtrace.1')));
put('/usr/share/bash-completion/completions/allowtrace', completion('bash'));
put('/usr/share/zsh/vendor-completions/_allowtrace', completion('zsh'));
put('/usr/share/fish/vendor_completions.d/allowtrace.fish', completion('fish'));
for (const unit of ['allowtrace-denials@.service', 'allowtrace-denials@.timer'])
  copy(`contrib/systemd/${unit}`, `/usr/lib/systemd/system/${unit}`);
const doc = '/usr/share/doc/allowtrace';
put(
  `${doc}/copyright`,
  `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: allowtrace
Source: ${home}

Files: *
Copyright: the allowtrace authors
License: ${license}
${readFileSync('LICENSE', 'utf8')
  .split('\n')
  .map(line => (line.trim() === '' ? ' .' : ` ${line}`))
  .join('\n')
  .replace(/(?:\n \.)+$/, '')}
`,
);
put(
  `${doc}/changelog.gz`,
  gzip(`allowtrace (${version}) unstable; urgency=medium

  * See ${home}/blob/main/CHANGELOG.md.

 -- ${maintainer}  Mon, 30 Nov 2026 00:00:00 +0000
`),
);
put(
  '/DEBIAN/control',
  `Package: allowtrace
Version: ${version}
Architecture: all
Maintainer: ${maintainer}
Section: admin
Priority: optional
Homepage: ${home}
Depends: nodejs (>= 20.19), strace
Recommends: systemd
Description: learn from strace which systemd sandbox a service needs
 ${description.replace(/(.{1,76})(?: |$)/g, '$1\n ').trimEnd()}
`,
);
const file = `build/allowtrace_${version}_all.deb`;
execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', stage, file], { stdio: ['ignore', 2, 2] });
console.log(file);
