import type { App, BlockAction, types, webApi } from "@slack/bolt";
import { z } from "zod";
import { nextTime } from "../../packages/clock/next-time.ts";
import { UserError } from "../../packages/jobs/errors.ts";
import { scheduleIdOf } from "../../packages/jobs/ids.ts";
import { cronOf, Rhythm, rhythmWords } from "../../packages/jobs/rhythm.ts";
import { MonthlyLimitUsd, Schedule } from "../../packages/jobs/schedule.ts";
import { TemplateName } from "../../packages/jobs/team.ts";
import { dollars } from "../../packages/text/money.ts";
import { context } from "../../packages/views/history/blocks.ts";
import { SCHEDULE_ACTIONS } from "../../packages/views/history/schedules.ts";
import { SCHEDULE_FIELDS, scheduleInputs, ZONE_ACTION, zoneOptions } from "../../packages/views/schedule-form.ts";
import { escaped, LIMITS, mrkdwn, plain } from "../../packages/views/text.ts";
import { when } from "../../packages/views/who-and-when.ts";
import { mustBeAllowedToStart } from "../access.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { createFormReader } from "../form-reader.ts";
import { decider, type FieldErrors, openView, sentenceFor, showRead, type Values, whoOf } from "../listen.ts";
import { RUN_MODAL, readMetadata } from "./run-fields.ts";

const SCHEDULE_MODAL = "cody-schedule-form";
const MAX_SCHEDULES = 100;

const Metadata = z.object({ name: TemplateName, channelId: z.string() });
type Metadata = z.infer<typeof Metadata>;

const modal = (blocks: types.KnownBlock[], metadata?: Metadata): types.ModalView => ({
  type: "modal",
  callback_id: SCHEDULE_MODAL,
  title: plain("Schedule", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  ...(metadata && {
    private_metadata: JSON.stringify(metadata),
    submit: plain("Schedule", LIMITS.modalTitle),
  }),
  blocks,
});

async function savedJob({ store }: SlackDeps, { teamId }: Who, name: string) {
  const template = await store.readTemplate({ teamId, name });
  const { repositories, options } = template ?? {};
  if (!template || !repositories || !options)
    throw new UserError(`“${name}” is not there any more, or was saved by an earlier release: save the job again.`);
  return { ...template, repositories, options };
}

async function zoneOf({ log }: SlackDeps, users: Pick<webApi.WebClient["users"], "info">, user: string) {
  const tz = await users.info({ user }).then(
    (answer) => answer.user?.tz,
    (error: unknown) => log(`the time zone of ${user}: ${error}`),
  );
  return Rhythm.shape.zone.safeParse(tz).data ?? "UTC";
}

/** When it runs and what it may cost, or all errors at once, each beside its field. */
function parse(values: Values, capUsd: number): { rhythm: Rhythm; monthlyLimitUsd: number } | { errors: FieldErrors } {
  const { errors, hasErrors, number, chosen, read } = createFormReader(values);
  const fields = SCHEDULE_FIELDS;
  const said = {
    every: chosen(fields.every),
    weekday: chosen(fields.weekday),
    at: chosen(fields.at),
    zone: values[fields.zone]?.[ZONE_ACTION]?.selected_option?.value,
  };
  const parsed = Rhythm.safeParse(said);
  for (const { path, message } of parsed.error?.issues ?? [])
    errors[fields[path[0] as keyof typeof said] ?? fields.every] ??= message;
  const monthlyLimitUsd = read(fields.limit, MonthlyLimitUsd, number(fields.limit));
  if (monthlyLimitUsd !== undefined && monthlyLimitUsd < capUsd)
    errors[fields.limit] =
      `A run of this saved job may cost ${dollars(capUsd)}: with less than that a month, none would start.`;
  return hasErrors() ? { errors } : { rhythm: parsed.data!, monthlyLimitUsd: monthlyLimitUsd! };
}

type Asked = {
  template: Awaited<ReturnType<typeof savedJob>>;
  channelId: string;
  rhythm: Rhythm;
  monthlyLimitUsd: number;
};

async function schedule(deps: SlackDeps, who: Who, { template, channelId, ...asked }: Asked): Promise<Schedule> {
  const { name, prompt, repositories, options } = template;
  mustBeAllowedToStart(deps, who, channelId);
  const refused = repositories.flatMap((repository) => deps.repositories.refusal(repository, who) ?? []);
  if (refused.length > 0) throw new UserError(refused.join(" "));
  const { teamId, userId } = who;
  const scheduleId = scheduleIdOf({ teamId, userId, name });
  const others = (await deps.store.schedulesOfTeam(teamId)).filter((one) => one.scheduleId !== scheduleId);
  if (others.length >= MAX_SCHEDULES)
    throw new UserError(`This workspace has ${MAX_SCHEDULES} schedules already: delete one of them first.`);
  const now = deps.now();
  const nextAt = nextTime(cronOf(asked.rhythm), now).toISOString();
  const saved = { scheduleId, teamId, userId, channelId, name, prompt, repositories, options };
  const made = Schedule.parse({ ...saved, ...asked, createdAt: now.toISOString(), nextAt });
  await deps.store.saveSchedule(made);
  return made;
}

const done = ({ name, rhythm, nextAt, monthlyLimitUsd }: Schedule): types.ModalView =>
  modal([
    {
      type: "section",
      text: mrkdwn(
        `“${escaped(name)}” runs ${escaped(rhythmWords(rhythm))}, for at most ${dollars(monthlyLimitUsd)} a month. The next run is ${when(nextAt!)}. Home lists it, with *Run now*, *Pause* and *Delete*.`,
      ),
    },
  ]);

/** A saved job runs at a time: a form above that of a new job, which says when and for how much. */
export function listenToSchedule(app: App, deps: SlackDeps): void {
  app.options(ZONE_ACTION, ({ ack, options }) => ack({ options: zoneOptions(options.value ?? "") }));

  app.action<BlockAction>(SCHEDULE_ACTIONS.open, async (args) => {
    const { action, body, client, context: about } = args;
    const { view } = body;
    const name = TemplateName.safeParse("value" in action ? action.value : undefined).data;
    if (view?.callback_id !== RUN_MODAL || name === undefined) return args.ack();
    const { channelId } = readMetadata(view.private_metadata);
    const who = whoOf(about);
    const { id } = await openView(args, body.trigger_id, modal([context("Loading …")]));
    await showRead(
      client,
      id,
      async () => {
        const template = await savedJob(deps, who, name);
        const scheduleId = scheduleIdOf({ ...who, name: template.name });
        const [before, zone] = await Promise.all([
          deps.store.readSchedule({ ...who, scheduleId }),
          zoneOf(deps, client.users, who.userId),
        ]);
        return modal(scheduleInputs({ template, before, zone }), { name: template.name, channelId });
      },
      (sentence) => modal([context(escaped(sentence))]),
    );
  });

  app.view(SCHEDULE_MODAL, async ({ ack, view, context: about }) => {
    const { who, finish } = decider(about);
    const { name, channelId } = Metadata.parse(JSON.parse(view.private_metadata));
    try {
      const template = await savedJob(deps, who, name);
      const asked = parse(view.state.values, template.options.capUsd);
      if ("errors" in asked) return await ack({ response_action: "errors", errors: asked.errors });
      const made = await audited(deps, who, { action: "schedule", repositories: template.repositories }, () =>
        schedule(deps, who, { template, channelId, ...asked }),
      );
      await ack({ response_action: "update", view: done(made) });
    } catch (error) {
      await ack({ response_action: "errors", errors: { [SCHEDULE_FIELDS.every]: sentenceFor(error) } });
      if (!(error instanceof UserError)) throw error;
    } finally {
      await finish();
    }
  });
}
