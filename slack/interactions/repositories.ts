import type { App, types } from "@slack/bolt";
import { RepositoryName, sameRepository } from "../../packages/jobs/ids.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import type { FoundRepository, SlackDeps, Who } from "../deps.ts";
import { whoOf } from "../listen.ts";
import { REPOSITORIES_ACTION } from "./run-fields.ts";

const option = ({ name, description }: FoundRepository): types.PlainTextOption => ({
  text: plain(name, LIMITS.optionText),
  value: name,
  ...(description && { description: plain(description, LIMITS.optionText) }),
});

/** What fits the query, and the query itself when it is a full name that may be used but is not in the list yet. */
export async function suggestions(
  deps: Pick<SlackDeps, "repositories">,
  query: string,
  who: Who,
): Promise<types.PlainTextOption[]> {
  const found = await deps.repositories.search(query.trim(), who, LIMITS.options);
  const typed = RepositoryName.safeParse(query.trim());
  const isNew =
    typed.success &&
    !found.some(({ name }) => sameRepository(name, typed.data)) &&
    deps.repositories.refusal(typed.data, who) === undefined;
  const added = isNew ? [{ name: typed.data, description: "Not in the list; checked when the job starts" }] : [];
  return [...added, ...found].slice(0, LIMITS.options).map(option);
}

/** The type-ahead of the modal: from a cache, because people wait for every letter. */
export function listenToRepositories(app: App, deps: SlackDeps): void {
  app.options(REPOSITORIES_ACTION, async ({ ack, options, context }) => {
    await ack({ options: await suggestions(deps, options.value ?? "", whoOf(context)) });
  });
}
