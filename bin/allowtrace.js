#!/usr/bin/env node
// Runs the bundle. Where Node can keep what V8 compiled (from 22.1 on), it does, because compiling takes longer than most commands run. That
// is machine code that V8 believes, so it is kept only where nobody else can write.

const { lstatSync, mkdirSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

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

const directory = enableCompileCache === undefined ? null : cacheDirectory();
if (directory !== null) enableCompileCache(directory);
// --debug shows where in src an error was. What the bundle itself takes for --debug may differ; then only the names in a stack do.
if (process.argv.includes('--debug')) process.setSourceMapsEnabled(true);
require('../build/bundle/allowtrace.cjs');
