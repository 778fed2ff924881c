import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Reason } from "../jobs/reasons.ts";
import { type Attributes, attributesOfPaths, isStoredForm, storageFilterOf } from "./attributes.ts";
import { baseFilesOf } from "./base-files.ts";
import { type BytePath, placeOf, textPath } from "./byte-path.ts";
import type { Candidates } from "./candidates.ts";
import { MAX_CHANGED_BYTES } from "./limits.ts";
import { GITLINK, SYMLINK } from "./modes.ts";
import { otherEncoding, rawContent } from "./refusals.ts";
import type { Workspace } from "./workspace.ts";

/** Files by how git must take them in. */
export type StoredForms = {
  /** Byte for byte. */
  asIs: BytePath[];
  /** As the repository's attributes want text to be stored: line ends, `$Id$`. */
  normalised: BytePath[];
  /** Not UTF-8, where the attributes name an encoding: git stores UTF-8. */
  encoded: BytePath[];
  notes: Reason[];
};

/**
 * A file whose base is stored as its attributes want it, and a new one, is stored as git would store it. Where the base
 * itself is not (CRLF under `text`), the bytes stay as they are, so that an edit changes the edited lines only, and a
 * file that was moved, `gone` from its place in the base, keeps its bytes.
 */
export async function storedForms(
  workspace: Workspace,
  { gone, here: candidates }: Pick<Candidates, "gone" | "here">,
): Promise<StoredForms> {
  const { entries } = await baseFilesOf(workspace);
  const isMoved = movedFrom(workspace, new Set(gone.map((path) => entries.get(path)?.id)));
  const files = candidates.filter(({ kind }) => kind === "file").map(({ path }) => path);
  const attributes = await attributesOfPaths(workspace, files);
  const suspects = new Map<BytePath, Trait[]>();
  const notes: Reason[] = [];
  for (const [path, ofPath] of attributes) {
    const filter = storageFilterOf(ofPath);
    const wanted = TRAITS.filter(({ appliesTo }) => appliesTo(ofPath));
    if (!filter && wanted.length === 0) continue;
    const content = await contentOf(workspace, path);
    if (!content) continue;
    if (filter && !isStoredForm(filter, content.subarray(0, 200), content.length))
      notes.push(rawContent(textPath(path), filter));
    const found = wanted.filter(({ isIn }) => isIn(content));
    if (found.length > 0 && !isMoved(content)) suspects.set(path, found);
  }
  const before = await basesOf(workspace, [...suspects.keys()]);
  for (const [path, content] of before) {
    const found = suspects.get(path)!;
    const left = found.filter(({ isIn }) => !isIn(content));
    // New in the tree that this run went on from, and stored as it is because git could not encode it.
    if (found.includes(ENCODED) && !left.includes(ENCODED) && !entries.has(path) && !isUtf8(content))
      notes.push(otherEncoding(textPath(path)));
    if (left.length > 0) suspects.set(path, left);
    else suspects.delete(path);
  }
  const isEncoded = (path: BytePath) => suspects.get(path)?.includes(ENCODED) ?? false;
  return {
    asIs: candidates.map(({ path }) => path).filter((path) => !suspects.has(path)),
    normalised: [...suspects.keys()].filter((path) => !isEncoded(path)),
    encoded: [...suspects.keys()].filter(isEncoded),
    notes,
  };
}

/** What git takes out of content on its way in. */
type Trait = { appliesTo(attributes: Attributes): boolean; isIn(content: Buffer): boolean };

const isOn = (value: string | undefined) => value !== undefined && !["unspecified", "unset", ""].includes(value);

const LINE_ENDS: Trait = {
  appliesTo: ({ text, crlf, eol }) =>
    text !== "unset" && (isOn(text) || isOn(eol) || (text === "unspecified" && isOn(crlf))),
  isIn: (content) => content.includes("\r\n"),
};
const IDENT: Trait = {
  appliesTo: ({ ident }) => ident === "set",
  isIn: (content) => /\$Id:[^$\n]*\$/.test(content.toString("latin1")),
};
const ENCODED: Trait = {
  appliesTo: (attributes) => isOn(attributes["working-tree-encoding"]) && attributes["working-tree-encoding"] !== "set",
  isIn: (content) => content.includes(0) || !isUtf8(content),
};
const TRAITS = [LINE_ENDS, IDENT, ENCODED];

function isUtf8(content: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

/** Whether a file is, byte for byte, one that is gone: `<type> <size>\0<content>` is what git's ids are made of. */
function movedFrom({ baseCommit }: Workspace, ids: ReadonlySet<string | undefined>) {
  const hash = baseCommit.length === 64 ? "sha256" : "sha1";
  return (content: Buffer) =>
    ids.size > 0 && ids.has(createHash(hash).update(`blob ${content.length}\0`).update(content).digest("hex"));
}

/** Nothing runs while this looks, and no folder on the way is a link: candidates are what was seen there. */
async function contentOf(workspace: Workspace, path: BytePath): Promise<Buffer | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(placeOf(workspace, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (!handle) return undefined; // git will say why.
  try {
    return (await handle.stat()).isFile() ? await handle.readFile() : undefined;
  } finally {
    await handle.close();
  }
}

/** What those paths had before, in the base or when we wrote them: `<id> blob <size>\n<content>\n` each. */
async function basesOf(workspace: Workspace, paths: readonly BytePath[]): Promise<Map<BytePath, Buffer>> {
  const { entries } = await baseFilesOf(workspace);
  const known = paths.flatMap((path) => {
    const id = workspace.marks.stored.get(path);
    if (id !== undefined) return [{ path, id }];
    const entry = entries.get(path);
    return entry && entry.mode !== GITLINK && entry.mode !== SYMLINK ? [{ path, id: entry.id }] : [];
  });
  const found = new Map<BytePath, Buffer>();
  if (known.length === 0) return found;
  const answer = await workspace.sandbox.git(workspace, ["cat-file", "--batch"], {
    stdin: Buffer.from(known.map(({ id }) => `${id}\n`).join("")),
    maxBytes: 2 * MAX_CHANGED_BYTES,
  });
  let at = 0;
  for (const { path } of known) {
    const end = answer.indexOf("\n", at);
    const size = Number(answer.toString("latin1", at, end).split(" ")[2]);
    found.set(path, answer.subarray(end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return found;
}
