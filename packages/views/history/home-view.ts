import type { types } from "@slack/bolt";
import type { JobRecord } from "../../jobs/job-record.ts";
import { offers } from "../../jobs/offers.ts";
import type { FoundDefaults } from "../../jobs/team.ts";
import { plural } from "../../text/counts.ts";
import { duration } from "../../text/duration.ts";
import { button } from "../button.ts";
import { DEFAULTS_ACTIONS, defaultsWords } from "../defaults-form.ts";
import { optionOf } from "../inputs.ts";
import { decisionsElsewhere } from "../job-buttons.ts";
import { progressWords } from "../plan.ts";
import { SETTINGS_ACTIONS } from "../settings-form.ts";
import { escaped, LIMITS, named } from "../text.ts";
import { cardLink, mention, when } from "../who-and-when.ts";
import { actions, context, DIVIDER, facts, header, lineWithButton, lookButton, withinView } from "./blocks.ts";
import { campaignSection, type ListedCampaign } from "./campaigns.ts";
import { HOME_ACTIONS, type HomeState, homeStateText, isFiltered } from "./home-state.ts";
import { type Month, monthFigures, repositoriesOf, repositoryWords } from "./month.ts";
import { JOB_STATES, jobMs, jobStateWords, jobTitle, type ListedJob, outcomeWords, spendWords } from "./outcomes.ts";
import { type ListedSchedule, scheduleSection } from "./schedules.ts";

export const HOME_PAGE = 10;
const MAX_RUNNING = 8;
const MAX_REPOSITORIES = 10;

export type HomeData = {
  state: HomeState;
  /** The person's own. */
  defaults?: FoundDefaults;
  /** Jobs that run or wait for a person, newest first. */
  open: JobRecord[];
  month: Month;
  /** By name. */
  schedules: ListedSchedule[];
  /** Newest first. */
  campaigns: ListedCampaign[];
  recent: ListedJob[];
  /** Another page begins behind these. `scanned`: nothing more was found among so many jobs. */
  older?: string | undefined;
  scanned?: number | undefined;
};

const WHOSE = [optionOf("all", "All jobs"), optionOf("mine", "My jobs")];
const STATES = [optionOf("any", "In any state"), ...JOB_STATES.map((state) => optionOf(state, jobStateWords(state)))];

const select = (action_id: string, options: types.PlainTextOption[], value: string): types.StaticSelect => ({
  type: "static_select",
  action_id,
  options,
  initial_option: options.find((one) => one.value === value) ?? options[0]!,
});

function jobLine(listed: ListedJob, name: string, words: string, more: string[] = []): types.KnownBlock[] {
  const { job, permalink } = listed;
  return [
    lineWithButton(jobTitle(job), lookButton("Details", name, { kind: "job", jobId: job.jobId })),
    context([escaped(words), mention(job.userId), when(job.createdAt), ...more, ...cardLink(permalink)].join(" · ")),
  ];
}

/** What an ended job took. */
function costOf(listed: ListedJob): string[] {
  const ms = jobMs(listed);
  return [
    ...(listed.runs.some((run) => run.turns > 0) ? [escaped(spendWords(listed.runs))] : []),
    ...(ms === undefined ? [] : [duration(ms)]),
  ];
}

function running({ open }: HomeData): types.KnownBlock[] {
  const shown = open.slice(0, MAX_RUNNING);
  return [
    header("Running and waiting"),
    ...(open.length === 0 ? [context("Nothing runs and nothing waits for a decision.")] : []),
    ...shown.flatMap((record, i) => [
      ...jobLine({ ...record, permalink: record.card?.permalink }, `open-${i}`, progressWords(record)),
      ...actions(decisionsElsewhere(record, offers(record))),
    ]),
    ...(open.length > shown.length ? [context(`and ${plural(open.length - shown.length, "more job")}`)] : []),
  ];
}

function filterWords({ repository, text }: HomeState): string {
  return [...(repository ? [`in ${repository}`] : []), ...(text ? [`with “${text}”`] : [])].join(", ");
}

function recent({ state, recent, older, scanned }: HomeData): types.KnownBlock[] {
  const words = filterWords(state);
  return [
    header("Jobs"),
    ...actions([
      select(HOME_ACTIONS.whose, WHOSE, state.whose),
      select(HOME_ACTIONS.state, STATES, state.state),
      button(words ? "Change the filter" : "Repository or text", HOME_ACTIONS.filter, "filter"),
      ...(isFiltered(state) ? [button("Show all", HOME_ACTIONS.clear, "clear")] : []),
    ]),
    ...(words ? [context(escaped(`Jobs ${words}`))] : []),
    ...(recent.length === 0
      ? [context(scanned ? `No such job among the ${scanned} looked at.` : "There are no such jobs.")]
      : []),
    ...recent.flatMap((listed, i) => jobLine(listed, `job-${i}`, outcomeWords(listed), costOf(listed))),
    ...actions([
      ...(state.pages.length > 0 ? [button("Newer", HOME_ACTIONS.newer, "newer")] : []),
      ...(older ? [button(scanned ? "Look further back" : "Older", HOME_ACTIONS.older, older)] : []),
    ]),
  ];
}

function repositories({ month }: HomeData): types.KnownBlock[] {
  const all = repositoriesOf(month.jobs);
  if (all.length === 0) return [];
  return [
    header("Repositories this month"),
    ...all
      .slice(0, MAX_REPOSITORIES)
      .map((figures, i) =>
        lineWithButton(
          named(figures.repository, repositoryWords(figures), LIMITS.header),
          lookButton("History", `repository-${i}`, { kind: "repository", repository: figures.repository }),
        ),
      ),
    ...(all.length > MAX_REPOSITORIES
      ? [context(`and ${all.length - MAX_REPOSITORIES} more; filter the jobs by repository to see theirs`)]
      : []),
  ];
}

const monthName = (since: string) =>
  new Date(since).toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });

/** The dashboard of a workspace, for one person. */
export function homeView(data: HomeData): types.HomeView {
  return {
    type: "home",
    private_metadata: homeStateText(data.state),
    blocks: withinView([
      ...actions([
        button("Start a job", HOME_ACTIONS.run, "run", { style: "primary" }),
        button("Start from the gallery", HOME_ACTIONS.gallery, "gallery"),
        button("Numbers", HOME_ACTIONS.numbers, "numbers"),
        button("Refresh", HOME_ACTIONS.refresh, "refresh"),
        button("Your defaults", DEFAULTS_ACTIONS.open, "defaults"),
        button("Settings of a repository", SETTINGS_ACTIONS.choose, "settings"),
      ]),
      context(escaped(`Your form opens with ${defaultsWords(data.defaults)}.`)),
      header(monthName(data.month.since)),
      ...facts(monthFigures(data.month)),
      DIVIDER,
      ...running(data),
      DIVIDER,
      ...campaignSection(data.campaigns),
      ...scheduleSection(data.schedules),
      ...recent(data),
      DIVIDER,
      ...repositories(data),
    ]),
  };
}
