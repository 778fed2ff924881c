import type { GalleryJob } from "./gallery-job.ts";

/**
 * Ten jobs that pay. Each prompt says what belongs to it, what does not, when nothing is needed, when it is blocked, and
 * what the report shows. Each place, `<<name, for example ...>>`, stands once. A line is a paragraph.
 */
export const GALLERY: readonly GalleryJob[] = [
  {
    name: "vulnerable-dependency",
    title: "Fix a vulnerable dependency",
    promise: "The package is raised wherever it decides, or proven to be safe",
    delivery: "open-pr",
    effort: "medium",
    prompt: `Raise <<package, for example org.apache.logging.log4j:log4j-core>> to at least <<fixed version, for example 2.17.1>>, because of <<advisory, for example CVE-2021-44228>>.

Scope: everything here that decides which version is used: build files, version catalogues, properties, BOMs, constraints, lock files and Dockerfiles, for transitive uses too. Where another dependency brings the package in, raise that one to the lowest version that brings the fix, or set the version of the package as this build tool does it (dependencyManagement, constraints, overrides, resolutions). Take the lowest version that has the fix, and stay within the major version in use if one there has it. Let the build tool write its lock files. Adapt code and tests only where the new version breaks them.

Leave alone: other dependencies, formatting, and copies that the build does not use.

Not needed: nothing here resolves the package below that version, in tests and tools neither. Show each place that names or resolves it with its version; where none does, say how you looked.

Blocked: the fix exists only in a version that this code cannot use (name the call that breaks), or a lock file cannot be made again here (name what is missing).

Report: each place with the version before and after, and how you know which version is resolved now.`,
  },
  {
    name: "end-of-life",
    title: "Leave a runtime at its end of life",
    promise: "One version moves everywhere: build, images, CI and documents",
    delivery: "open-pr",
    effort: "high",
    mayChangeCi: true,
    prompt: `Move this repository from <<old runtime, for example Node.js 18>> to <<new runtime, for example Node.js 24>>: the old one gets no security fixes any more.

Scope: everything that says which version runs or is required: fields such as engines or requires-python, version files (.nvmrc, .tool-versions, .python-version and their like), toolchain and release settings of the build, base images, versions in CI workflows, and documents that tell people what to install. In a list of supported versions take the old one out, add the new one where it is missing, and keep the others; a minimum that names the old one becomes the lowest version that is left. Adapt code, tests and dependencies where the new version breaks them.

Leave alone: everything else in the workflows, names of jobs that rules may require, other dependencies, changelogs of earlier releases.

Not needed: nothing here names, requires or allows the old version. Show the files that decide and the versions in them.

Blocked: a dependency has no release for the new version (name it), or the code must go on running where only the old one exists.

Report: each place before and after; what you ran on the new version, or that it is not installed here and so nothing was run on it.`,
  },
  {
    name: "deprecated-api",
    title: "Replace a deprecated API",
    promise: "Every use moves to the new one with the same behaviour",
    delivery: "open-pr",
    effort: "high",
    prompt: `Replace <<old API, for example new Buffer(x) of Node.js>> by <<new API, for example Buffer.from(x) and Buffer.alloc(n)>>.

What differs between them: <<differences, for example a number must become Buffer.alloc, so look at what each argument can be>>.

Scope: every use in code, tests, examples and documents; also through aliases, wildcard imports, re-exports, wrappers of this project, and names in strings where they are called by name. Keep the behaviour: the same results, errors and defaults. Where the new one differs, adapt the call and not its callers. Take an import or a dependency out only when nothing uses it any more.

Leave alone: generated files (change what generates them), copies of other projects' code, this project's own public interface, and code that must run where the new one does not exist (see the versions that the build files support).

Not needed: nothing uses the old one. Show the searches and what they found.

Blocked: none of the uses can be replaced without another behaviour. If that is so for some, replace the others and list these with the reason.

Report: how many uses there were and in which files, one example of each kind of change, and what is left and why.`,
  },
  {
    name: "licence-headers",
    title: "Add licence headers",
    promise: "Each source file without a header gets yours; the others stay",
    delivery: "open-pr",
    effort: "low",
    prompt: `Put this header at the top of every source file that has none: <<header, for example SPDX-License-Identifier: Apache-2.0>>

The files: <<files, for example src/**/*.java and src/**/*.py>>.

Scope: write it as a comment of the file's language, in the form that headers here already have, with an empty line behind it. What must be first stays first: a shebang, an encoding line, an XML or PHP opening, build constraints of Go. Line ends, byte order marks and the end of the file stay as they are. A script that you run once and do not leave behind is the right tool.

Leave alone: every file that has a licence or copyright header, whatever it says; generated files; copies of other projects' code; test data; formats without comments.

Not needed: every file of the list has a header. Say how many there are and how you counted.

Blocked: the header contradicts the LICENSE file of this repository: quote both.

Report: how many files got the header in each language, how many had one, which of those name another licence or holder, and which you left out and why.`,
  },
  {
    name: "pinned-actions",
    title: "Pin GitHub Actions to commits",
    promise: "A tag that is moved elsewhere cannot change what your CI runs",
    delivery: "review-first",
    effort: "low",
    mayChangeCi: true,
    prompt: `Pin the actions that the workflows here use to full commits, so that a tag which is moved cannot change what runs.

The commits, each looked up by a person in the action's own repository: <<pins, for example actions/checkout v7.0.0 = 9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0>>

Scope: every \`uses:\` of an action or a reusable workflow of another repository, in .github/workflows, .github/actions and action.yml files. Write \`owner/name@COMMIT # TAG\`, with the full commit of 40 digits; bots that update actions read the tag behind it. A commit counts for every path of its repository (github/codeql-action/init and /analyze). Commits that this repository already pins for the same action and tag may be used too. A tag of one part (v4) may get the commit of a release of that major version, with that release behind it; a branch (master) needs an entry of its own.

Never write a commit from memory: a wrong one is worse than a tag. A use without a commit in the list stays as it is.

Leave alone: local actions (./), docker:// images, everything else in the workflows, and the major version of each action unless the list names another.

Not needed: every such use is pinned already. Show each.

Blocked: some are not pinned and the list has a commit for none of them.

Report: each use before and after. For those that are left, the command that finds the commit: git ls-remote https://github.com/OWNER/NAME "refs/tags/TAG*".`,
  },
  {
    name: "docker-base",
    title: "Renew the base image of Dockerfiles",
    promise: "The new image everywhere, and what the old one had and it has not",
    delivery: "open-pr",
    effort: "medium",
    prompt: `Move the Dockerfiles here from <<old image, for example node:18-alpine>> to <<new image, for example node:24-alpine>>.

Scope: every FROM and COPY --from, defaults of ARG that make up the name, compose files, scripts and documents that name the old image. A prefix for a registry or mirror stays. Adapt what the new image has not or calls otherwise: packages and their versions, the package manager where the distribution changes, users, paths, the default shell, musl or glibc. Go through each RUN and ask whether it still works.

Leave alone: stages on other images, CI workflows, templates that only look like Dockerfiles unless they name the old image in full. Where a line pins a digest, write a new one only if it stands above; else leave that line and list it.

Images cannot be built here. Do not claim that one was.

Not needed: nothing here uses the old image, under a digest or through an ARG neither. Show each FROM.

Blocked: every use is pinned by a digest and no new one is given, or a needed package has no counterpart (name it).

Report: each place before and after, each RUN that you adapted and why, and the commands with which a reviewer builds and tries the image.`,
  },
  {
    name: "secrets",
    title: "Take secrets out of the code",
    promise: "Configuration reads them; the report says which ones to rotate",
    delivery: "review-first",
    effort: "high",
    prompt: `Take credentials out of the files of this repository. Where to look: <<where, for example everywhere, or config/ and src/main/resources>>.

What counts: anything with which a person could log in or sign: passwords, API keys, tokens, private keys, connection strings that hold a password. What does not: public keys, certificates, hashes, and values that only a local test server or an example accepts; list those and leave them.

Scope: for each, let the code read it where this project reads its configuration already (environment, settings file outside of git, secret store), under a name in its style. When it is missing at start, fail with a sentence that names it. Add the name without a value to the example of the configuration and to the documents that explain it. Tests get a value of their own that opens nothing.

A secret is shown to you as [redacted ...], and no edit may hold those words. Replace its line by its number with a command (sed -i '12s/.*/.../' FILE), or write the file anew without it. Never move, copy, print or encode the value.

Leave alone: the history of git. A pull request cannot change it.

Not needed: there is none. Say what you searched for, with which patterns, and where.

Blocked: nothing can supply the value when this runs (a page that is served as it is, for example): say what would be needed.

Report: file, line and kind of each finding, never its value; what reads it now; and that each one has to be rotated, because the history keeps it.`,
  },
  {
    name: "tests",
    title: "Write tests for a module",
    promise: "Tests that fail when the behaviour breaks, in this project's style",
    delivery: "open-pr",
    effort: "high",
    prompt: `Write tests for <<module, for example src/billing/invoice.ts>>.

What matters most: <<behaviour, for example rounding, empty invoices and two currencies>>.

Scope: the test framework, folders, names and helpers that this repository has. Test through the public interface: the usual case, the edges, and the errors that it promises. Each test has to fail when its behaviour breaks: break the module for a moment, see the test fail, and put it back. Fast and the same at each run: no network, no sleeping, no real clock, no randomness without a seed.

Leave alone: the module itself, other tests, dependencies and settings of the build. If it cannot be tested without a change, make the smallest one that changes no behaviour, and say so. If a test shows a bug, do not fix it: keep the test in the form in which this project marks known failures, and describe the bug.

Not needed: tests of today cover all of this already. Name the test for each behaviour.

Blocked: there is no test framework here, or the tests cannot be run here (name what is missing).

Report: each behaviour with the test that holds it, what you broke to see it fail, and bugs that you found.`,
  },
  {
    name: "code-owners",
    title: "Give every path an owner",
    promise: "CODEOWNERS covers the tree, with the teams that you name alone",
    delivery: "review-first",
    effort: "low",
    mayChangeCi: true,
    prompt: `Give every path of this repository an owner in CODEOWNERS.

The owners: <<owners, for example src/api @acme/api; infra @acme/platform; everything else @acme/core>>

Scope: the file that GitHub reads, which is the first of .github/CODEOWNERS, CODEOWNERS and docs/CODEOWNERS; make .github/CODEOWNERS where there is none. The last rule that fits a path counts, so general ones come first. Every pattern has to match something that exists. GitHub takes no "!" and no "[ ]" in them, and paths count with their case. Rules and comments that are there stay, unless the owners above contradict them.

Leave alone: all other files. Never write a team or a person who is neither named above nor in the file already.

Not needed: every path has an owner already, as above. Show the rule for each folder at the top.

Blocked: some paths belong to none of the owners above, and there is no owner for everything else: name these paths.

Report: each folder and file at the top with its owners, and rules of before that you changed or found to match nothing.`,
  },
  {
    name: "readme",
    title: "Make the README true",
    promise: "Each command, path and claim is checked against the code",
    delivery: "draft-pr",
    effort: "medium",
    prompt: `Make the README of this repository true and useful for <<reader, for example a developer who joins the team>>.

Scope: go through it claim by claim. Each command, path, version, option, default and link to a file has to be right: check it against the code and the build files, and run what can be run here. Correct what is wrong, take out what is gone, and add what such a reader needs and the code shows: what this is in a paragraph, how to install, run, test and configure it, and where things are. Keep its language, tone and order, and headings to which others may link.

Leave alone: other documents, code, badges, praise, plans, and claims about things outside of this repository that cannot be checked here.

Not needed: each claim holds and nothing that such a reader needs is missing. Show the claims that you checked and where the code shows them.

Blocked: there is no code here from which a README could be written.

Report: each claim that was wrong or missing, what is true, and the file or command that shows it; and what you could not check.`,
  },
];
