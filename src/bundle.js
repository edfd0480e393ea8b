// Makes the programs that users run of src: one file each, because Node takes longer to find and load 150 modules than to run a command.
// The library is one file, too, beside the declarations that its own reach.

import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

await build({
  entryPoints: {
    allowtrace: 'src/cli.ts',
    collect: 'src/commands/service/collect.ts',
    'scan-worker': 'src/strace/scan/worker.ts',
  },
  outdir: 'build/bundle',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  minify: true,
  // --debug shows where in src an error was.
  sourcemap: true,
  sourcesContent: false,
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: 'const bundleUrl=require("node:url").pathToFileURL(__filename).href;' },
  // Making an Intl.Segmenter takes longer than reading a command line; what --help puts in columns is ASCII.
  alias: { 'string-width': './src/commands/cli/ascii-width.ts' },
  logLevel: 'warning',
});
await build({
  entryPoints: { index: 'src/index.ts' },
  outdir: 'build/bundle',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  minify: true,
  packages: 'external',
  logLevel: 'warning',
});

/** Copies the declarations that `file` imports, and itself: the others are of internals. */
function copyTypes(file, copied = new Set()) {
  if (copied.has(file)) return;
  copied.add(file);
  const into = join('build/types', relative('build/src', file));
  mkdirSync(dirname(into), { recursive: true });
  copyFileSync(file, into);
  const text = readFileSync(file, 'utf8');
  for (const [, name] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g))
    copyTypes(join(dirname(file), `${name}.d.ts`), copied);
}
rmSync('build/types', { recursive: true, force: true });
copyTypes('build/src/index.d.ts');
