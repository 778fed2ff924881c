import type { PlannedCall, Reply } from "../brain.ts";
import { type Done, filesRead, hitsOf, type KnownConversation, pathsFromListFiles } from "../conversation.ts";
import { verdictCall } from "../verdict-call.ts";
import { editsOf } from "./edits.ts";
import { planFor } from "./places.ts";
import type { SeenFiles } from "./plan.ts";
import { report, unseen } from "./report.ts";
import type { RaiseTarget } from "./target.ts";

const SUBMODULES = ".gitmodules";
const MANIFESTS = `**/{pom.xml,*.gradle,*.gradle.kts,gradle.properties,package.json,package-lock.json,${SUBMODULES}}`;
const READS_A_TURN = 8;

/** The one real skill: look, read, plan, edit, look again, report. What to do next follows from what was done. */
export function raise(conversation: KnownConversation, targets: RaiseTarget[]): Reply {
  const { steps, isLastTurn } = conversation;
  const firstEdit = steps.findIndex(({ name }) => name === "edit_file");
  const looked = firstEdit === -1 ? steps : steps.slice(0, firstEdit);
  const edited = firstEdit === -1 ? [] : steps.slice(firstEdit);
  const seen = seenIn(looked);
  const plans = targets.map((target) => planFor(target, seen));
  const listed = pathsFromListFiles(looked);
  const manifests = listed.filter((path) => path !== SUBMODULES);
  const hasSubmodules = manifests.length < listed.length;
  const conclude = () => verdictCall(report(targets, plans, { manifests, hasSubmodules, edited }));
  const unread = toRead(manifests, seen);
  const needs = new Set(plans.flatMap((plan) => plan.needs));
  const sawAll = looked.length > 0 && unread.length === 0 && needs.size === 0;
  if (isLastTurn) return sawAll || edited.length > 0 ? conclude() : verdictCall(unseen(targets));

  if (looked.length === 0)
    return say("I look for build files and for the names.", [listManifests, ...targets.map(searchOf)]);
  if (unread.length > 0) return say("I read what mentions them.", unread);
  if (needs.size > 0) return say("I look for what is defined elsewhere.", [...needs].map(searchFor));
  const edits = editsOf(
    plans.flatMap((plan) => plan.changes),
    seen.files,
  );
  if (edits.length > 0 && edited.length === 0)
    return say(
      "I raise the versions.",
      edits.map((edit) => ({ name: "edit_file", input: edit })),
    );
  if (edited.length > 0 && !edited.some(({ name }) => name === "search"))
    return say(
      "I check what is written now.",
      targets.map((target) => searchFor(target.version)),
    );
  return conclude();
}

const say = (text: string, calls: PlannedCall[]): Reply => ({ thinking: `[scripted model] ${text}`, text, calls });

const listManifests: PlannedCall = { name: "list_files", input: { glob: MANIFESTS } };
const searchFor = (pattern: string): PlannedCall => ({ name: "search", input: { pattern } });
const searchOf = (target: RaiseTarget) => searchFor(target.kind === "maven" ? target.group : `"${target.name}"`);

function seenIn(steps: Done[]): SeenFiles {
  const searches = steps.filter(({ name }) => name === "search");
  return {
    files: filesRead(steps),
    searched: new Set(searches.map(({ input }) => String(input.pattern))),
    hits: searches.flatMap(hitsOf),
  };
}

/** Build files with a hit are read to their end. */
const toRead = (manifests: string[], { files, hits }: SeenFiles): PlannedCall[] =>
  manifests
    .filter((path) => hits.some((hit) => hit.path === path))
    .flatMap((path) => {
      const file = files.get(path);
      if (file && file.moreFrom === undefined) return [];
      return [{ name: "read_file", input: { path, ...(file?.moreFrom && { from_line: file.moreFrom }) } }];
    })
    .slice(0, READS_A_TURN);
