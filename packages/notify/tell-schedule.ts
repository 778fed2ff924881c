import type { WebClient } from "@slack/web-api";
import { hasCode, type Reason } from "../jobs/reasons.ts";
import type { Schedule } from "../jobs/schedule.ts";
import { scheduleNews } from "../views/schedule-words.ts";
import { postAt, type SlackHomes } from "./destination.ts";

type Deps = { slack: SlackHomes & { chat: Pick<WebClient["chat"], "postMessage"> }; log: (line: string) => void };

/**
 * What a schedule did not do, to its owner directly; to its channel where that person is gone. It is told once: what
 * cannot be posted is logged, and stands in Home all the same.
 */
export const createTellSchedule =
  ({ slack, log }: Deps) =>
  async (schedule: Schedule, reason: Reason): Promise<void> => {
    const { scheduleId, userId, channelId } = schedule;
    const text = scheduleNews(schedule, reason);
    try {
      await postAt(slack, hasCode(reason, "schedule-owner-gone") ? channelId : userId, (channel) =>
        slack.chat.postMessage({ channel, text, unfurl_links: false, unfurl_media: false }),
      );
    } catch (error) {
      log(`schedule ${scheduleId}: ${reason.code} could not be told: ${error}`);
    }
  };
