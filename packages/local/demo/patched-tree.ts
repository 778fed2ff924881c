import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROXY_VARIABLES } from "../../config/process.ts";
import { UserError } from "../../jobs/errors.ts";
import { gitEnvironment } from "../../sandbox/git-settings.ts";

/**
 * The id of the tree that a patch gives on a commit of a remote repository: fetched anew, by a git without any setting
 * of this machine, in an index alone, where neither line endings nor filters nor links change a byte.
 * @throws UserError where git cannot fetch the commit or the patch does not apply
 */
export async function patchedTree(
  patch: Uint8Array,
  { commit, url, token }: { commit: string; url: string; token: string },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cody-patch-"));
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const env = {
    ...gitEnvironment({ [`http.${new URL(url).origin}/.extraHeader`]: `Authorization: Basic ${basic}` }),
    ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, process.env[name]])),
    PATH: process.env.PATH,
    GIT_DIR: join(folder, "clone"),
  };
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", args, { cwd: folder, env })).stdout.toString().trim();
  try {
    const file = join(folder, "downloaded.patch");
    await writeFile(file, patch);
    // A repository with ids of SHA-256 is fetched into one of the same kind only.
    const ids = commit.length === 64 ? ["--object-format=sha256"] : [];
    await git("init", "--quiet", "--bare", "--template=", ...ids);
    await git("fetch", "--quiet", "--depth=1", "--no-tags", url, commit);
    await git("read-tree", "FETCH_HEAD");
    await git("apply", "--cached", file);
    return await git("write-tree");
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    if (!said) throw error;
    throw new UserError(`The downloaded patch could not be tried on a fresh clone of ${url}: ${said}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
