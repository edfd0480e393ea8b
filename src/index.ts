// The library's front door: re-exports, nothing else. docs/library.md shows them at work, in examples that the tests compile and run.

export { UsageError } from './errors.ts';
export { thisHost } from './host/file-system.ts';
export { inspectProgram } from './host/interpreters.ts';
export { thisMachine } from './host/machine.ts';
export { check } from './policy/check/check.ts';
export type { Assignment, Findings, Unused, Violation } from './policy/findings.ts';
export { type HostView, UNKNOWN_HOST } from './policy/host-view.ts';
export type { Directive, PathStrategy, Policy, Reason, Withheld } from './policy/policy.ts';
export { derive } from './policy/propose/derive.ts';
export type { Service, Target } from './policy/propose/target.ts';
export { type Sandbox, type SandboxContext, sandboxOf } from './policy/sandbox/sandbox.ts';
export { syscallSets } from './policy/sets.ts';
export type { Access, Mode, Origin } from './process/access.ts';
export { type Event, type EventPath, Events } from './process/events.ts';
export { type Coverage, coverage } from './profile/coverage.ts';
export { formatProfile, parseProfile, readProfile, writeProfile } from './profile/file.ts';
export { mergeProfiles, ProfileMerger } from './profile/merge.ts';
export { Observer, type ObserverOptions } from './profile/observer.ts';
export { type Folded, type FoldResult, type FoldRules, fold } from './profile/patterns.ts';
export type { Evidence, Fact, Profile, Run } from './profile/profile.ts';
export { renderDropin } from './render/dropin.ts';
export { renderFullDropin } from './render/full-dropin.ts';
export { type LoadedUnit, loadUnit, type UnitOptions } from './systemd/unit.ts';
