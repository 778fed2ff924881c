import type { types } from "@slack/bolt";
import { Every, RHYTHMS, Weekday } from "../jobs/rhythm.ts";
import type { Schedule } from "../jobs/schedule.ts";
import type { Template } from "../jobs/team.ts";
import { plural } from "../text/counts.ts";
import { capitalised } from "../text/lines.ts";
import { dollars } from "../text/money.ts";
import { context } from "./history/blocks.ts";
import { input, optionOf, selectOf } from "./inputs.ts";
import { escaped, LIMITS, plain } from "./text.ts";
import { when } from "./who-and-when.ts";

/** Inputs of the form, by block and action id alike, but for the time zone. */
export const SCHEDULE_FIELDS = {
  every: "schedule-every",
  weekday: "schedule-weekday",
  at: "schedule-at",
  zone: "schedule-zone",
  limit: "schedule-limit",
} as const;
/** Slack asks for options by this id alone. */
export const ZONE_ACTION = "cody-schedule-zone";

const everyOptions = Every.options.map((every) => optionOf(every, RHYTHMS[every].choice));
const weekdayOptions = Weekday.options.map((weekday) => optionOf(weekday, capitalised(weekday)));
/** Slack's menus hold a hundred options: every quarter of an hour. */
const timeOptions = Array.from({ length: 96 }, (_, i) => {
  const at = `${String(Math.floor(i / 4)).padStart(2, "0")}:${String((i % 4) * 15).padStart(2, "0")}`;
  return optionOf(at, at);
});

/** Node's own list leaves UTC out, and has these by names that their cities had before. */
const TODAYS_NAMES = `Africa/Asmara America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/Cordoba
  America/Argentina/Jujuy America/Argentina/Mendoza America/Atikokan America/Indiana/Indianapolis
  America/Kentucky/Louisville America/Nuuk Asia/Ho_Chi_Minh Asia/Kathmandu Asia/Kolkata Asia/Yangon Atlantic/Faroe
  Europe/Kyiv Pacific/Chuuk Pacific/Kanton Pacific/Pohnpei`.split(/\s+/);
const ZONES = ["UTC", ...new Set([...Intl.supportedValuesOf("timeZone"), ...TODAYS_NAMES].toSorted())];

/** Zones whose name has all words that were typed, as people type them: "new york". */
export function zoneOptions(query: string): types.PlainTextOption[] {
  const words = query
    .toLowerCase()
    .split(/[\s_/]+/)
    .filter(Boolean);
  return ZONES.filter((zone) => words.every((word) => zone.toLowerCase().includes(word)))
    .slice(0, LIMITS.options)
    .map((zone) => optionOf(zone, zone));
}

type Shown = {
  template: Pick<Template, "name" | "savedAt"> & Pick<Schedule, "repositories" | "options">;
  /** What the same person has scheduled of it. */
  before: Pick<Schedule, "rhythm" | "monthlyLimitUsd"> | undefined;
  /** The person's own, as Slack knows it. */
  zone: string;
};

/** Runs a month, in the limit that the form opens with. */
const USUAL_RUNS = 5;

export function scheduleInputs({ template, before, zone }: Shown): types.KnownBlock[] {
  const { name, savedAt, repositories, options } = template;
  const { every = "week", weekday = "monday", at = "06:00", zone: chosen = zone } = before?.rhythm ?? {};
  const fields = SCHEDULE_FIELDS;
  return [
    context(
      `“${escaped(name)}” runs as it was saved ${when(savedAt)}, in ${plural(repositories.length, "repository", "repositories")}, for you and with your rights. A repository whose last pull request of this schedule is still open is left out.`,
    ),
    ...(before ? [context("It is scheduled already: what you choose here takes the place of that.")] : []),
    input(fields.every, "How often", selectOf(fields.every, everyOptions, every, "How often")),
    input(fields.weekday, "Weekday", selectOf(fields.weekday, weekdayOptions, weekday, "Weekday"), {
      hint: "For every week and every month.",
      optional: true,
    }),
    input(fields.at, "Time", selectOf(fields.at, timeOptions, at, "Time")),
    input(fields.zone, "Time zone", {
      type: "external_select",
      action_id: ZONE_ACTION,
      min_query_length: 0,
      placeholder: plain("Type a city, for example Berlin", LIMITS.placeholder),
      initial_option: optionOf(chosen, chosen),
    }),
    input(
      fields.limit,
      "Limit a month in US dollars",
      {
        type: "number_input",
        action_id: fields.limit,
        is_decimal_allowed: true,
        // Five times 0.07 are 0.35000000000000003 in binary.
        initial_value: `${before?.monthlyLimitUsd ?? Number((options.capUsd * USUAL_RUNS).toFixed(4))}`,
      },
      {
        hint: `Over all jobs of this schedule in a calendar month. A run may cost ${dollars(options.capUsd)}, and starts only while all of that is left.`,
      },
    ),
  ];
}
