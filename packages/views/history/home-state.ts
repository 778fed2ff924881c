import { z } from "zod";
import { RepositoryName } from "../../jobs/ids.ts";
import { LIMITS } from "../text.ts";
import { JOB_STATES } from "./outcomes.ts";

export const HOME_ACTIONS = {
  clear: "cody-home-clear",
  filter: "cody-home-filter",
  gallery: "cody-home-gallery",
  newer: "cody-home-newer",
  numbers: "cody-home-numbers",
  older: "cody-home-older",
  refresh: "cody-home-refresh",
  run: "cody-home-run",
  state: "cody-home-state",
  whose: "cody-home-whose",
} as const;

export const MAX_FILTER_TEXT = 100;

const HomeState = z.object({
  whose: z.enum(["all", "mine"]).default("all"),
  state: z.enum(["any" as const, ...JOB_STATES]).default("any"),
  repository: RepositoryName.optional(),
  /** In the prompt, the job's id or the names of its repositories, without case. */
  text: z.string().trim().min(1).max(MAX_FILTER_TEXT).optional(),
  /** Where each page began that was left by Older; the last one is shown. Empty: the first page. */
  pages: z.array(z.string().max(600)).default([]),
});
/** What a person's home shows. Slack keeps it beside the view and gives it back with every click. */
export type HomeState = z.infer<typeof HomeState>;

export const FIRST_HOME: HomeState = HomeState.parse({});

/** Another version's state, or none: the first page of everything. */
export function readHomeState(metadata: string | undefined): HomeState {
  try {
    return HomeState.safeParse(JSON.parse(metadata ?? "")).data ?? FIRST_HOME;
  } catch {
    return FIRST_HOME;
  }
}

/** The pages furthest back are forgotten when there are more than the metadata can hold. */
export function homeStateText(state: HomeState): string {
  const text = JSON.stringify(state);
  return text.length <= LIMITS.privateMetadata ? text : homeStateText({ ...state, pages: state.pages.slice(1) });
}

export const isFiltered = ({ whose, state, repository, text }: HomeState) =>
  whose !== "all" || state !== "any" || repository !== undefined || text !== undefined;

/** A changed filter begins at the first page. */
export const filteredBy = (state: HomeState, change: Partial<HomeState>): HomeState =>
  HomeState.parse({ ...state, ...change, pages: [] });
