#!/usr/bin/env node
// Runs the bundle. What V8 compiled of it is kept for each command, because compiling takes longer than most commands run. It is machine
// code that V8 believes, so it is kept only where nobody else can write.

const {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} = require('node:fs');
const { join } = require('node:path');
const { cachedDataVersionTag } = require('node:v8');
const { Script } = require('node:vm');

const BUNDLE = join(__dirname, '../build/bundle/allowtrace.cjs');
/** Of the bundle, the last characters tell which build it is. */
const BUILD_LENGTH = 64;

/** Can nobody but its user change what is in this directory? */
function isOurs(directory) {
  const { uid, mode } = lstatSync(directory);
  return uid === process.geteuid() && (mode & 0o022) === 0;
}

/** Where compiled code is kept; null where somebody else could write it. */
function cacheDirectory() {
  const { HOME, XDG_CACHE_HOME } = process.env;
  const usual = process.geteuid() === 0 ? '/var/cache' : HOME && join(HOME, '.cache');
  const parent = XDG_CACHE_HOME || usual;
  if (!parent) return null;
  const directory = join(parent, 'allowtrace');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // `sudo -E` leaves root with the directories of another user, who could put another directory in the place of ours.
    return [parent, directory].every(isOurs) ? directory : null;
  } catch {
    return null;
  }
}

/** What was compiled of this build; undefined without it. */
function readCache(file, build) {
  try {
    const bytes = readFileSync(file);
    return bytes.latin1Slice(0, BUILD_LENGTH) === build ? bytes.subarray(BUILD_LENGTH) : undefined;
  } catch {
    return undefined;
  }
}

function writeCache(file, build, code) {
  const temporary = `${file}.${process.pid}`;
  try {
    const fd = openSync(temporary, 'wx', 0o600);
    writeSync(fd, Buffer.concat([Buffer.from(build, 'latin1'), code]));
    fsyncSync(fd);
    closeSync(fd);
    renameSync(temporary, file);
  } catch {
    // The next time will be as slow as this one.
  }
}

function run() {
  const source = readFileSync(BUNDLE, 'latin1');
  const build = source.slice(-BUILD_LENGTH);
  const directory = cacheDirectory();
  const verb = process.argv[2] ?? '';
  const file = directory === null || !/^[a-z]+$/.test(verb) ? null : join(directory, `${verb}.code`);
  const cachedData = file === null ? undefined : readCache(file, build);
  const flags = cachedDataVersionTag();
  const script = new Script(`(function(require,module,exports,__filename){${source}\n})`, {
    filename: BUNDLE,
    cachedData,
  });
  const module = { exports: {} };
  script.runInThisContext()(require, module, module.exports, BUNDLE);
  if (file === null || (cachedData !== undefined && !script.cachedDataRejected)) return;
  process.on('exit', status => {
    // V8 refuses what was compiled with other flags, and large inputs change some.
    if (status !== 2 && flags === cachedDataVersionTag()) writeCache(file, build, script.createCachedData());
  });
}

// What the bundle itself takes for --debug may differ; then only the names in a stack do.
if (!process.argv.includes('--debug')) run();
else {
  process.setSourceMapsEnabled(true);
  require(BUNDLE);
}
