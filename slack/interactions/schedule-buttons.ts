import type { App } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { ScheduleId } from "../../packages/jobs/ids.ts";
import { rhythmWords } from "../../packages/jobs/rhythm.ts";
import type { Schedule, ScheduleChange } from "../../packages/jobs/schedule.ts";
import type { AuditAction } from "../../packages/jobs/team.ts";
import { nextAtOf } from "../../packages/pipeline/planned-time.ts";
import type { CardContent } from "../../packages/views/card.ts";
import { withinMessage } from "../../packages/views/history/blocks.ts";
import { readHomeState } from "../../packages/views/history/home-state.ts";
import { readSchedules } from "../../packages/views/history/read-schedules.ts";
import { SCHEDULE_ACTIONS, scheduleSection } from "../../packages/views/history/schedules.ts";
import { escaped } from "../../packages/views/text.ts";
import { mayDecide, STALE } from "../access.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { type AfterClick, onButton } from "../listen.ts";
import { publishHome } from "./home.ts";
import { showAgain } from "./shown-again.ts";

type Pressed = {
  audit: AuditAction;
  change(schedule: Schedule, who: Who, now: Date): ScheduleChange;
  starts?: true;
  /** Below the list of the command, which stays as it was: what has come of the schedule. */
  done: string;
};

const BUTTONS: Record<string, Pressed> = {
  [SCHEDULE_ACTIONS.run]: {
    audit: "run-now",
    change: ({ nowAt }, _, now) => {
      if (nowAt !== undefined) throw new UserError("It is on its way already: it starts shortly.");
      return { nowAt: now.toISOString() };
    },
    starts: true,
    done: "starts shortly",
  },
  [SCHEDULE_ACTIONS.pause]: {
    audit: "pause",
    change: ({ paused }, { userId }, now) => {
      if (paused) throw new UserError("It is paused already.");
      return { nextAt: undefined, paused: { at: now.toISOString(), by: userId } };
    },
    done: "is paused",
  },
  [SCHEDULE_ACTIONS.resume]: {
    audit: "resume",
    change: (schedule, _, now) => {
      if (!schedule.paused) throw new UserError("It is not paused.");
      return { nextAt: nextAtOf(schedule, now), paused: undefined, failures: 0 };
    },
    done: "runs at its times again",
  },
};

const CHANGED = "It was changed just now: look at it again, and press once more.";

async function scheduleFor({ store, settings }: SlackDeps, who: Who, value: string | undefined) {
  const scheduleId = ScheduleId.safeParse(value).data;
  if (!scheduleId) throw new UserError(STALE);
  const found = await store.readSchedule({ teamId: who.teamId, scheduleId });
  if (!found) throw new UserError("This schedule was deleted.");
  if (!mayDecide(found, who, settings))
    throw new UserError("Only the person for whom it runs, or an admin of Cody, may do that.");
  return found;
}

const sentenceOf = ({ name }: Schedule, done: string) => `“${escaped(name)}” ${done}.`;

async function press(deps: SlackDeps, who: Who, value: string | undefined, { audit, change, starts, done }: Pressed) {
  return audited(deps, who, { action: audit, ...named(value) }, async () => {
    const schedule = await scheduleFor(deps, who, value);
    const changed = await deps.store.changeSchedule(schedule, change(schedule, who, deps.now()));
    if (!changed) throw new UserError(CHANGED);
    const { teamId, scheduleId } = schedule;
    if (starts) who.afterAck?.(() => deps.startSoon({ teamId, scheduleId }));
    return sentenceOf(schedule, done);
  });
}

const named = (value: string | undefined) => (value ? { sentence: value } : {});

async function remove(deps: SlackDeps, who: Who, value: string | undefined) {
  return audited(deps, who, { action: "delete-schedule", ...named(value) }, async () => {
    const schedule = await scheduleFor(deps, who, value);
    await deps.store.deleteSchedule(schedule);
    return sentenceOf(schedule, "is deleted");
  });
}

/** `/cody schedules`: the person's own first. */
export async function schedulesList(deps: SlackDeps, who: Who): Promise<CardContent> {
  const readable = await deps.readRights.readable(who);
  const all = await readSchedules(deps, who.teamId, readable);
  if (all.length === 0)
    return {
      text: "Nothing is scheduled. Choose a saved job in the form (`/cody`), and press *Schedule* below it.",
      blocks: [],
    };
  const own = all.toSorted(
    (a, b) => Number(b.schedule.userId === who.userId) - Number(a.schedule.userId === who.userId),
  );
  const words = own.map(({ schedule: { name, rhythm } }) => `${escaped(name)}: ${escaped(rhythmWords(rhythm))}`);
  return { text: words.join("\n"), blocks: withinMessage(scheduleSection(own, own.length)) };
}

/** Run now, Pause, Resume and Delete, on Home and below the list of the command. */
export function listenToScheduleButtons(app: App, deps: SlackDeps): void {
  const sentence = showAgain(deps);
  const onHome: AfterClick = async (shown) => {
    if (shown.said) return sentence(shown);
    await publishHome(deps, shown.client, shown.who, readHomeState(shown.view.private_metadata));
  };
  const on = (id: string, act: (who: Who, value: string | undefined) => Promise<string>) =>
    onButton(
      app,
      id,
      async ({ value, who, isInView }) => {
        const said = await act(who, value);
        // Home is shown anew, and says it.
        return isInView ? undefined : said;
      },
      onHome,
    );
  for (const [id, pressed] of Object.entries(BUTTONS)) on(id, (who, value) => press(deps, who, value, pressed));
  on(SCHEDULE_ACTIONS.delete, (who, value) => remove(deps, who, value));
}
