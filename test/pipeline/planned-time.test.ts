import { describe, expect, it } from "vitest";
import { nextTime } from "../../packages/clock/next-time.ts";
import { cronOf, Every, Rhythm, rhythmWords } from "../../packages/jobs/rhythm.ts";
import { nextAtOf, plannedTime } from "../../packages/pipeline/planned-time.ts";

const BERLIN = "Europe/Berlin";
const MONDAYS: Rhythm = { every: "week", weekday: "monday", at: "06:00", zone: BERLIN };
const next = (rhythm: Rhythm, after: string, count = 3) => {
  const times: string[] = [];
  for (let at = after; times.length < count; ) {
    at = nextAtOf({ rhythm }, new Date(at));
    times.push(at.slice(0, 16));
  }
  return times;
};

describe("when a schedule runs next", () => {
  it.each<[string, Rhythm, string, string[]]>([
    [
      "every day 18:30, Asia/Kolkata",
      { every: "day", at: "18:30", zone: "Asia/Kolkata" },
      "2026-11-28T13:00:00Z",
      ["2026-11-29T13:00", "2026-11-30T13:00", "2026-12-01T13:00"],
    ],
    [
      "Monday to Friday 00:00, UTC",
      { every: "working-day", at: "00:00", zone: "UTC" },
      "2026-11-27T00:00:00Z",
      ["2026-11-30T00:00", "2026-12-01T00:00", "2026-12-02T00:00"],
    ],
    [
      "every Monday 06:00, Europe/Berlin",
      MONDAYS,
      "2027-03-21T00:00:00Z",
      ["2027-03-22T05:00", "2027-03-29T04:00", "2027-04-05T04:00"],
    ],
    [
      "the first Sunday of the month 06:00, Europe/Berlin",
      { every: "first-of-month", weekday: "sunday", at: "06:00", zone: BERLIN },
      "2026-11-28T00:00:00Z",
      ["2026-12-06T05:00", "2027-01-03T05:00", "2027-02-07T05:00"],
    ],
    [
      "the last Friday of the month 09:15, America/New_York",
      { every: "last-of-month", weekday: "friday", at: "09:15", zone: "America/New_York" },
      "2027-02-01T00:00:00Z",
      ["2027-02-26T14:15", "2027-03-26T13:15", "2027-04-30T13:15"],
    ],
  ])("%s", (words, rhythm, after, times) => {
    expect(Rhythm.parse(rhythm)).toEqual(rhythm);
    expect(rhythmWords(rhythm)).toBe(words);
    expect(next(rhythm, after)).toEqual(times);
  });

  it("a time that daylight saving leaves out comes behind the gap, one that comes twice comes once", () => {
    const rhythm: Rhythm = { every: "day", at: "02:30", zone: BERLIN };
    expect(next(rhythm, "2027-03-27T12:00:00Z", 2)).toEqual(["2027-03-28T01:00", "2027-03-29T00:30"]);
    expect(next(rhythm, "2026-10-24T12:00:00Z", 2)).toEqual(["2026-10-25T00:30", "2026-10-26T01:30"]);
    // Midnight itself is left out in some zones, and in one the clocks move by half an hour.
    expect(next({ every: "day", at: "00:00", zone: "America/Santiago" }, "2026-09-05T12:00:00Z", 2)).toEqual([
      "2026-09-06T04:00",
      "2026-09-07T03:00",
    ]);
    expect(next({ every: "day", at: "02:15", zone: "Australia/Lord_Howe" }, "2026-10-03T00:00:00Z", 2)).toHaveLength(2);
  });

  it("is a time of the pattern for every rhythm, in every zone, over the years", () => {
    const zones = ["UTC", BERLIN, "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"];
    for (const zone of zones)
      for (const every of Every.options) {
        const rhythm: Rhythm = { every, weekday: "wednesday", at: "07:45", zone };
        let at = new Date("2026-01-01T00:00:00Z");
        for (let i = 0; i < 30; i++) {
          at = nextTime(cronOf(rhythm), at);
          const clock = at.toLocaleString("en-GB", {
            timeZone: zone,
            hour: "2-digit",
            minute: "2-digit",
            weekday: "long",
          });
          expect(clock, `${every} ${zone}`).toContain("07:45");
          if (every !== "day" && every !== "working-day") expect(clock).toContain("Wednesday");
        }
      }
  });

  it.each([
    [{ every: "week", at: "06:00", zone: BERLIN }, "Choose the weekday."],
    [{ every: "day", at: "24:00", zone: BERLIN }, "A time looks like 06:00."],
    [{ every: "day", at: "06:00", zone: "Europe/Atlantis" }, "Choose a time zone of the list"],
    [{ every: "day", at: "06:00", zone: "+01:00" }, "Choose a time zone of the list"],
  ])("refuses %j", (rhythm, says) => {
    expect(
      Rhythm.safeParse(rhythm)
        .error?.issues.map(({ message }) => message)
        .join(),
    ).toContain(says);
  });
});

describe("what is due now", () => {
  const due = (schedule: { nextAt?: string; nowAt?: string }, now: string) =>
    plannedTime({ rhythm: MONDAYS, ...schedule }, new Date(now));
  const AT = "2026-11-30T05:00:00.000Z";

  it("a planned time, from its very moment on", () => {
    expect(due({ nextAt: AT }, "2026-11-30T04:59:59.999Z")).toBeUndefined();
    expect(due({ nextAt: AT }, AT)).toEqual({ plannedAt: AT });
    expect(due({ nextAt: AT }, "2026-12-01T04:59:59.999Z")).toEqual({ plannedAt: AT });
  });

  it("nothing, where a day is over: it was missed", () => {
    expect(due({ nextAt: AT }, "2026-12-01T05:00:00.000Z")).toEqual({ plannedAt: AT, missed: true });
  });

  it("the latest of several that were missed, once", () => {
    const daily = { rhythm: { every: "day", at: "06:00", zone: BERLIN } as const, nextAt: AT };
    expect(plannedTime(daily, new Date("2026-12-04T07:00:00Z"))).toEqual({ plannedAt: "2026-12-04T05:00:00.000Z" });
    expect(due({ nextAt: AT }, "2027-01-05T04:00:00Z")).toEqual({ plannedAt: "2027-01-04T05:00:00.000Z" });
  });

  it("what a person asked for, also while it is paused", () => {
    expect(due({ nowAt: AT }, AT)).toEqual({ plannedAt: AT });
    expect(due({}, AT)).toBeUndefined();
  });

  it("the planned time, where what a person asked for was missed before it", () => {
    const nowAt = "2026-11-29T04:00:00.000Z";
    expect(due({ nowAt, nextAt: AT }, "2026-11-30T06:00:00Z")).toEqual({ plannedAt: AT });
    expect(due({ nowAt, nextAt: "2026-12-07T05:00:00.000Z" }, AT)).toEqual({ plannedAt: nowAt, missed: true });
  });
});
