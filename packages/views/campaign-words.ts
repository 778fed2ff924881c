import { type Campaign, notStarted, wavesIn } from "../jobs/campaign.ts";
import { type CampaignRecord, nextStep } from "../jobs/campaign-step.ts";
import { plural } from "../text/counts.ts";
import { escaped } from "./text.ts";
import { mention, when } from "./who-and-when.ts";

const next = ({ waves }: Pick<Campaign, "waves">) => `Wave ${waves.length + 1}`;

/** Why it stopped, by a person or by itself. */
export function stoppedWords({ stopped }: Pick<Campaign, "stopped">): string {
  if (!stopped) return "";
  if (stopped.reason) return escaped(`${stopped.reason.message} ${stopped.reason.nextStep}`);
  return `Stopped${stopped.by ? ` by ${mention(stopped.by)}` : ""}, ${when(stopped.at)}: no further wave starts.`;
}

/** What it waits for, as mrkdwn of ours. */
export function campaignNow(record: CampaignRecord): string {
  const { campaign } = record;
  if (campaign.stopped) return stoppedWords(campaign);
  const step = nextStep(record);
  switch (step.kind) {
    case "start":
      return campaign.waitsForPace
        ? `${next(campaign)} waits: in its repositories as many pull requests as may be at once are open, or were opened this hour.`
        : `${next(campaign)} starts shortly.`;
    case "stop":
      return escaped(`${step.reason.message} ${step.reason.nextStep}`);
    case "wait":
      return waitWords(campaign, step);
    case "stopped":
    case "done":
      return "Nothing is left to do: every repository has come to its end.";
  }
}

function waitWords(campaign: Campaign, step: Extract<ReturnType<typeof nextStep>, { kind: "wait" }>): string {
  switch (step.for) {
    case "person":
      return `Look at wave ${campaign.waves.length}, then press *Start wave ${campaign.waves.length + 1}*.`;
    case "merges":
      return `${next(campaign)} starts after ${plural(step.missing, "more merge")} of wave ${campaign.waves.length}, or when a person starts it.`;
    case "money":
      return `${next(campaign)} waits: what runs now may cost all that is left of the limit.`;
    case "running":
      return "All waves have started.";
  }
}

/** "27 repositories in 6 waves: 2 first, then 5 at a time after 3 merges; it stops after 2 failures". */
export function campaignPlan(
  campaign: Pick<Campaign, "repositories" | "firstWave" | "waveSize" | "merges" | "stopAfter">,
): string {
  const { repositories, firstWave, waveSize, merges, stopAfter } = campaign;
  const after =
    merges === undefined ? "when a person starts them" : `after ${plural(merges, "merge")} of the one before`;
  const rest = repositories.length > firstWave ? `, then ${waveSize} at a time ${after}` : "";
  return `${plural(repositories.length, "repository", "repositories")} in ${plural(wavesIn(campaign), "wave")}: ${firstWave} first${rest}; it stops after ${plural(stopAfter, "failure")}`;
}

/** Whether a further wave may be asked for. */
export const mayStartNext = (record: CampaignRecord): boolean => {
  const { campaign } = record;
  const step = nextStep(record);
  return step.kind === "wait" && notStarted(campaign).length > 0 && step.for !== "money";
};
