import type { GitHub } from "./client.ts";
import { isTemporary, statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";
import { replaceSection } from "./set-section.ts";

/**
 * What stands around the section is left as it is. `sectionFor`: what it says where the repository is private, or public,
 * now. What it throws may pass by itself.
 */
export async function writeSection(
  github: GitHub,
  { repository, number }: { repository: string; number: number },
  sectionFor: (now: { isPrivate: boolean }) => string,
): Promise<void> {
  const pull = { ...ownerAndRepo(repository), pull_number: number };
  try {
    const { data } = await github.rest.pulls.get(pull);
    const section = sectionFor({ isPrivate: data.base.repo.private });
    const body = replaceSection((data.body ?? "").replaceAll("\r\n", "\n"), section);
    if (body !== undefined && body !== data.body) await github.rest.pulls.update({ ...pull, body });
  } catch (error) {
    // The text is a courtesy: where GitHub takes none, it stays as it was.
    if (statusOf(error) === undefined || isTemporary(error)) throw error;
  }
}
