import type { Reason } from "../jobs/outcome.ts";
import { type AddedContent, addedContent } from "./added-content.ts";
import { type Finding, findSecrets } from "./find.ts";
import { formsOf } from "./own-forms.ts";

/**
 * Why a patch must not be published. Code `own-secret`: it holds a secret of this deployment (`own`), so nobody may
 * even download it; `secret`: it adds something that looks like one, a person decides. Never quotes what it found.
 */
export async function scanPatch(patch: Uint8Array, own: readonly string[]): Promise<Reason | undefined> {
  if (holdsOwn(patch, own)) return OWN_SECRET;
  const files = addedContent(patch);
  const names: AddedContent = { path: "file names", text: files.map(({ path }) => path).join("\n"), lines: [] };
  const found: string[] = [];
  for (const file of [...files, names]) {
    if (holdsOwn(Buffer.from(file.text), own)) return OWN_SECRET;
    for (const finding of await findSecrets(file.text, file.path)) found.push(placeOf(file, finding));
  }
  const places = [...new Set(found)];
  return places.length > 0 ? secretReason(places) : undefined;
}

const OWN_SECRET: Reason = {
  code: "own-secret",
  message: "The patch holds a secret of this deployment of Cody, so it was thrown away.",
  nextStep: "Ask an administrator to rotate Cody's tokens and to read this job's conversation.",
};

/** The whole patch counts, removed lines and names too; line ends and `+` may cut an encoded secret into pieces. */
function holdsOwn(bytes: Uint8Array, own: readonly string[]): boolean {
  const text = Buffer.from(bytes).toString("latin1");
  const joined = text.replace(/\r?\n[+ -]?[ \t]*/g, "");
  return formsOf(own).some((form) => text.includes(form) || joined.includes(form));
}

function placeOf({ path, text, lines }: AddedContent, { rule, start }: Finding): string {
  const line = lines[text.slice(0, start).split("\n").length - 1];
  return `${rule} in ${path.slice(0, 120)}${line ? `, line ${line}` : ""}`;
}

function secretReason(places: string[]): Reason {
  const more = places.length > 2 ? `, and ${places.length - 2} more` : "";
  return {
    code: "secret",
    message: `The patch adds what looks like a secret: ${places.slice(0, 2).join("; ")}${more}.`.slice(0, 500),
    nextStep: "Take it out and refine, or download the patch and check it; a real secret should be rotated.",
  };
}
