import { because, type Reason } from "../jobs/reasons.ts";
import { clip } from "../text/cut.ts";
import { placeholdersIn } from "../text/placeholder.ts";
import { type AddedContent, addedContent } from "./added-content.ts";
import { findSecrets } from "./find.ts";
import { createOwnSecrets } from "./own-secrets.ts";

/** What a patch is scanned against: `baseHolds` says whether a text stands in any file of the base commit. */
export type Base = { baseHolds(text: string): Promise<boolean> };

/** Added lines of several files, as one text to look at: a scan's price is by the text more than by its length. */
type Batch = { text: string; files: { content: AddedContent; start: number }[] };

const BATCH_CHARS = 512 * 1024;
/** Between files: no form of a secret has it inside. */
const BETWEEN = "\n\n\u0000\n\n";
const SHOWN_PLACES = 2;

/**
 * Why a patch must not be published. Code `own-secret`: it holds a secret of this deployment (`own`), so no person may
 * even download it; `secret`: it adds something that looks like one; `placeholder`: it writes a redactor's words where
 * a secret stands: a person decides. Never quotes a secret. Looks at the patch piece by piece.
 */
export async function scanPatch(patch: Uint8Array, own: readonly string[], base?: Base): Promise<Reason | undefined> {
  const ours = createOwnSecrets(own);
  // The whole patch counts, removed lines and names too.
  if (ours.isIn(patch)) return because("own-secret");
  const secrets = new Set<string>();
  const placeholders = new Map<string, string>();
  for (const batch of batchesOf(patch)) {
    if (ours.rangesIn(batch.text).length > 0) return because("own-secret");
    const placeOf = placesIn(batch);
    for (const { rule, start } of await findSecrets(batch.text)) secrets.add(`${rule} in ${placeOf(start)}`);
    for (const words of placeholdersIn(batch.text))
      if (!placeholders.has(words)) placeholders.set(words, placeOf(batch.text.indexOf(words)));
  }
  if (secrets.size > 0) return secretReason([...secrets]);
  for (const [words, place] of placeholders)
    if (!(await base?.baseHolds(words))) return because("placeholder", words, place);
  return undefined;
}

function* batchesOf(patch: Uint8Array): Generator<Batch> {
  let batch: Batch = { text: "", files: [] };
  const names: string[] = [];
  for (const content of addedContent(patch)) {
    if (names.at(-1) !== content.path) names.push(content.path);
    batch.files.push({ content, start: batch.text.length });
    batch.text += content.text + BETWEEN;
    if (batch.text.length < BATCH_CHARS) continue;
    yield batch;
    batch = { text: "", files: [] };
  }
  yield batch;
  const text = names.join("\n");
  yield { text, files: [{ content: { path: "file names", text, lines: [] }, start: 0 }] };
}

/** For places in the order in which they stand: each line is counted once. */
function placesIn({ text, files }: Batch): (at: number) => string {
  let [known, line, from] = [files[0], 0, 0];
  return (at) => {
    const file = files.findLast(({ start }) => start <= at)!;
    if (file !== known || at < from) [known, line, from] = [file, 0, file.start];
    for (let end = text.indexOf("\n", from); end !== -1 && end < at; end = text.indexOf("\n", from)) {
      line++;
      from = end + 1;
    }
    const number = file.content.lines[line];
    return `${clip(file.content.path, 120)}${number ? `, line ${number}` : ""}`;
  };
}

function secretReason(places: readonly string[]): Reason {
  const more = places.length > SHOWN_PLACES ? `, and ${places.length - SHOWN_PLACES} more` : "";
  return because("secret", `${places.slice(0, SHOWN_PLACES).join("; ")}${more}`);
}
