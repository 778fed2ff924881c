import type { GitHub } from "./client.ts";
import { ownerAndRepo } from "./repositories.ts";

/** An entry of a folder in a commit. `sha` reads it: a file's bytes, or a folder's own list. */
export type BaseEntry = {
  name: string;
  kind: "file" | "program" | "link" | "folder" | "submodule";
  sha: string;
  /** 0 but for files and links. */
  bytes: number;
};

const KINDS: Record<string, BaseEntry["kind"]> = {
  "100644": "file",
  "100755": "program",
  "120000": "link",
  "040000": "folder",
  "160000": "submodule",
};

/** One commit of a repository as GitHub has it, read without a clone. */
export const baseFiles = (github: GitHub, repository: string, commit: string) => ({
  async list(folder = commit): Promise<BaseEntry[]> {
    const { data } = await github.rest.git.getTree({ ...ownerAndRepo(repository), tree_sha: folder });
    return data.tree.map(({ path, mode, sha, size }) => ({
      name: path,
      kind: KINDS[mode] ?? "file",
      sha,
      bytes: size ?? 0,
    }));
  },
  async read(sha: string): Promise<Uint8Array> {
    const { data } = await github.rest.git.getBlob({ ...ownerAndRepo(repository), file_sha: sha });
    return Buffer.from(data.content, data.encoding === "base64" ? "base64" : "utf8");
  },
});
