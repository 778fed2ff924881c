import { z } from "zod";
import { capitalised } from "../text/lines.ts";

export const Weekday = z.enum(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]);
export type Weekday = z.infer<typeof Weekday>;

export const Every = z.enum(["day", "working-day", "week", "first-of-month", "last-of-month"]);
export type Every = z.infer<typeof Every>;

type EveryFacts = {
  /** In the form. `needsWeekday`: it says which one. */
  choice: string;
  needsWeekday: boolean;
  /** The last field of a cron pattern: days of the week, Monday is 1. */
  days(weekday: number): string;
  words(weekday: string): string;
};

export const RHYTHMS: Record<Every, EveryFacts> = {
  day: { choice: "Every day", needsWeekday: false, days: () => "*", words: () => "every day" },
  "working-day": {
    choice: "Every working day, Monday to Friday",
    needsWeekday: false,
    days: () => "1-5",
    words: () => "Monday to Friday",
  },
  week: {
    choice: "Every week",
    needsWeekday: true,
    days: (weekday) => `${weekday}`,
    words: (weekday) => `every ${weekday}`,
  },
  "first-of-month": {
    choice: "Every month, on the first such weekday",
    needsWeekday: true,
    days: (weekday) => `${weekday}#1`,
    words: (weekday) => `the first ${weekday} of the month`,
  },
  "last-of-month": {
    choice: "Every month, on the last such weekday",
    needsWeekday: true,
    days: (weekday) => `${weekday}#L`,
    words: (weekday) => `the last ${weekday} of the month`,
  },
};

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Z]/i.test(name);
  } catch {
    return false;
  }
}

/** When a schedule runs, by the clocks of a zone: "every Monday 06:00, Europe/Berlin". */
export const Rhythm = z
  .object({
    every: Every,
    weekday: Weekday.optional(),
    at: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "A time looks like 06:00."),
    zone: z.string().max(100).refine(isZone, "Choose a time zone of the list, for example Europe/Berlin."),
  })
  .refine(({ every, weekday }) => weekday !== undefined || !RHYTHMS[every].needsWeekday, {
    path: ["weekday"],
    message: "Choose the weekday.",
  });
export type Rhythm = z.infer<typeof Rhythm>;

const numberOf = (weekday: Weekday = "monday") => Weekday.options.indexOf(weekday) + 1;

/** As `nextTime` of packages/clock reads it. */
export function cronOf({ every, weekday, at, zone }: Rhythm): { cron: string; zone: string } {
  const [hour, minute] = at.split(":").map(Number);
  return { cron: `${minute} ${hour} * * ${RHYTHMS[every].days(numberOf(weekday))}`, zone };
}

export const rhythmWords = ({ every, weekday = "monday", at, zone }: Rhythm) =>
  `${RHYTHMS[every].words(capitalised(weekday))} ${at}, ${zone}`;
