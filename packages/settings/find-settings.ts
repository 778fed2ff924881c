import type { SettingsSources } from "../jobs/resolve-settings.ts";
import { type BuildFiles, MAX_BUILD_FILE_BYTES, MAX_READ_FILES, READ_FILES, WRAPPERS } from "./build-files.ts";
import { CODY_FILES, MAX_CODY_FILE_BYTES, parseCodyFile, tooLarge } from "./cody-file.ts";
import { suggest } from "./suggest.ts";

type Entry = {
  name: string;
  kind: "file" | "program" | "link" | "folder" | "submodule";
  sha: string;
  bytes: number;
};

/** One commit of a repository, without a clone. */
export type CommitFiles = {
  /** The entries of the root, or of a folder by its sha. */
  list(folder?: string): Promise<Entry[]>;
  read(sha: string): Promise<Uint8Array>;
};

type Found = Pick<SettingsSources, "file" | "suggested" | "note">;

/** Where the root holds no build file, the project may stand in here. */
const SOURCE_FOLDER = "src";

/** What a commit itself says about how to work on it. Throws what reading its `.cody.yml` throws. */
export async function findSettings(files: CommitFiles): Promise<Found> {
  const root = await files.list();
  const [file, suggested] = await Promise.all([
    readCodyFile(files, root),
    // Nothing suggested is what there was without suggestions.
    suggestFor(files, root).catch(() => ({})),
  ]);
  return { ...file, suggested };
}

async function readCodyFile(files: CommitFiles, root: readonly Entry[]): Promise<Pick<Found, "file" | "note">> {
  const entry = CODY_FILES.flatMap((name) => root.find((one) => one.name === name) ?? [])[0];
  if (!entry) return {};
  const { name, kind, sha, bytes } = entry;
  if (kind !== "file" && kind !== "program") return { note: `${name}: It is a ${kind}, no file. It is left out.` };
  if (bytes > MAX_CODY_FILE_BYTES) return { note: `${name}: ${tooLarge(bytes)} The file is left out.` };
  const { settings, problem } = parseCodyFile(name, await files.read(sha));
  return settings ? { file: settings } : { note: problem };
}

async function suggestFor(files: CommitFiles, root: readonly Entry[]) {
  const suggested = suggest(await buildFilesOf(files, root));
  const source = root.find(({ name, kind }) => name === SOURCE_FOLDER && kind === "folder");
  if (suggested.check || !source) return suggested;
  return suggest(await buildFilesOf(files, await files.list(source.sha)), { folder: SOURCE_FOLDER });
}

async function buildFilesOf(files: CommitFiles, entries: readonly Entry[]): Promise<BuildFiles> {
  const named = (...kinds: Entry["kind"][]) =>
    new Set(entries.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name));
  const wanted = READ_FILES.flatMap((pattern) =>
    entries.filter(({ name, kind, bytes }) => kind === "file" && bytes <= MAX_BUILD_FILE_BYTES && pattern.test(name)),
  ).slice(0, MAX_READ_FILES);
  const texts = await Promise.all(
    wanted.map(async ({ name, sha }) => [name, new TextDecoder().decode(await files.read(sha))] as const),
  );
  const scripts = named("file", "program");
  const below = await Promise.all(
    Object.entries(WRAPPERS).map(async ([wrapper, { folder, needs }]) => {
      const found = scripts.has(wrapper) ? await listBelow(files, entries, folder.split("/")) : [];
      return needs
        .filter((need) => found.some(({ name, kind }) => name === need && (kind === "file" || kind === "program")))
        .map((need) => `${folder}/${need}`);
    }),
  );
  return {
    files: new Set([...scripts, ...below.flat()]),
    programs: named("program"),
    folders: named("folder"),
    texts: new Map(texts),
  };
}

/** What a folder some levels below holds; nothing where it is not there. */
async function listBelow(files: CommitFiles, entries: readonly Entry[], path: readonly string[]): Promise<Entry[]> {
  let found = [...entries];
  for (const part of path) {
    const folder = found.find(({ name, kind }) => name === part && kind === "folder");
    if (!folder) return [];
    found = await files.list(folder.sha);
  }
  return found;
}
