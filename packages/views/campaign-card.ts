import type { types } from "@slack/bolt";
import { type Campaign, notStarted, raisedLimit, refusalIn, waveOf } from "../jobs/campaign.ts";
import { type CampaignRecord, campaignUsd, countsIn, countWords, isAtLimit, runIn } from "../jobs/campaign-step.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { isOpenNow } from "../jobs/run-pull-request.ts";
import { isAtRest } from "../jobs/states.ts";
import { firstLine } from "../text/lines.ts";
import { dollars } from "../text/money.ts";
import { button, confirmation } from "./button.ts";
import { campaignNow, campaignPlan, mayStartNext } from "./campaign-words.ts";
import type { CardContent, Renderings } from "./card.ts";
import { actions, context, header } from "./history/blocks.ts";
import { pullRequestWords } from "./pull-request-words.ts";
import { clipToSize, firstThatFits, MESSAGE_SIZE, sizeOfBlocks } from "./size.ts";
import { escapedWithin, LIMITS, literal, mrkdwn, readable, richText, section } from "./text.ts";
import { mention } from "./who-and-when.ts";
import { stateWords } from "./words.ts";

export const CAMPAIGN_ACTIONS = {
  next: "cody-campaign-next",
  stop: "cody-campaign-stop",
  goOn: "cody-campaign-go-on",
} as const;

/** `links`: where the card of each job is, by its id. */
export type ShownCampaign = CampaignRecord & { links: ReadonlyMap<string, string> };

const MAX_STATE = 80;
const MAX_PROMPT = 300;
/** Slack takes this much of all tables of a message together. */
const TABLE_SIZE = 9_000;

const cell = (text: string): types.RawTextElement => ({ type: "raw_text", text: readable(text) });
const linkCell = (url: string, text: string): types.RichTextBlock => richText(section([{ type: "link", url, text }]));

const ownerOf = (repository: string) => repository.slice(0, repository.indexOf("/"));

/** Whose all of them are: then it is said once, at the head. */
function onlyOwner({ repositories }: Campaign): string | undefined {
  const owners = new Set(repositories.map(ownerOf));
  return owners.size === 1 ? [...owners][0] : undefined;
}

const headOf = (owner: string | undefined) =>
  [owner === undefined ? "Repository" : `Repository of ${owner}`, "State", "PR", "Wave"].map(cell);

function row(shown: ShownCampaign, repository: string, owner: string | undefined): types.TableBlock["rows"][number] {
  const wave = waveOf(shown.campaign, repository);
  const run = runIn(shown, repository);
  const number = wave && String(shown.campaign.waves.indexOf(wave) + 1);
  const link = wave && shown.links.get(wave.jobId);
  const pullRequest = run?.pullRequest;
  return [
    cell(owner === undefined ? repository : repository.slice(owner.length + 1)),
    cell(clipToSize(refusalIn(shown.campaign, repository)?.message ?? stateOf(wave !== undefined, run), MAX_STATE)),
    pullRequest ? linkCell(pullRequest.url, `#${pullRequest.number}`) : cell("–"),
    number === undefined ? cell("–") : link ? linkCell(link, number) : cell(number),
  ];
}

/** What a run does at this moment stands on its job's card; the number of its pull request has a column of its own. */
function stateOf(isStarted: boolean, run: RepoRun | undefined): string {
  if (!isStarted) return "not started";
  if (!run || !isAtRest(run.state)) return "runs";
  if (run.state !== "published" || !run.pullRequest) return stateWords(run);
  const words = pullRequestWords(run);
  if (!isOpenNow(run)) return words || "closed";
  return [run.pullRequest.draft ? "draft" : "open", ...(words ? [words] : [])].join(" · ");
}

/** Those that have started come first; the others are counted where there is no space for them. */
function table(shown: ShownCampaign, count: number): types.TableBlock {
  const left = notStarted(shown.campaign);
  const ordered = [...shown.campaign.repositories.filter((repository) => !left.includes(repository)), ...left];
  const rest = ordered.length - count;
  const owner = onlyOwner(shown.campaign);
  return {
    type: "table",
    rows: [
      headOf(owner),
      ...ordered.slice(0, count).map((repository) => row(shown, repository, owner)),
      ...(rest > 0 ? [[cell(`and ${rest} more`), cell("–"), cell("–"), cell("–")]] : []),
    ],
    column_settings: [{ is_wrapped: true }, { is_wrapped: true }],
  };
}

function campaignButtons(record: CampaignRecord): types.Button[] {
  const { campaign } = record;
  const { campaignId, stopped, waves } = campaign;
  const isLeft = notStarted(campaign).length > 0;
  if (stopped) return isLeft ? [goOnButton(campaign)] : [];
  return [
    ...(mayStartNext(record)
      ? [
          button(`Start wave ${waves.length + 1}`, CAMPAIGN_ACTIONS.next, `${campaignId} ${waves.length + 1}`, {
            style: "primary",
          }),
        ]
      : []),
    ...(isLeft
      ? [
          button("Stop", CAMPAIGN_ACTIONS.stop, campaignId, {
            style: "danger",
            confirm: confirmation(
              "Stop this campaign?",
              "No further wave starts. Jobs that run go on: cancel them on their cards.",
              "Stop it",
              "Let it go on",
            ),
          }),
        ]
      : []),
  ];
}

const goOnButton = (campaign: Campaign): types.Button =>
  isAtLimit(campaign)
    ? button(
        `Raise the limit to ${dollars(raisedLimit(campaign))}`,
        CAMPAIGN_ACTIONS.goOn,
        `${campaign.campaignId} ${raisedLimit(campaign)}`,
      )
    : button("Go on", CAMPAIGN_ACTIONS.goOn, campaign.campaignId);

const money = (record: CampaignRecord) =>
  `${dollars(campaignUsd(record))} of ${dollars(record.campaign.costLimitUsd)} spent or set aside`;

function campaignBlocks(shown: ShownCampaign, rows: types.KnownBlock[]): types.KnownBlock[] {
  const { campaign } = shown;
  const { prompt, name, userId, campaignId } = campaign;
  return [
    header(`Campaign: ${readable(name)}`),
    ...(firstLine(prompt) === name && prompt.trim() === name
      ? []
      : [richText({ type: "rich_text_quote" as const, elements: [literal(clipToSize(prompt.trim(), MAX_PROMPT))] })]),
    context([mention(userId), campaignPlan(campaign), money(shown), `\`${campaignId}\``].join(" · ")),
    { type: "section", text: mrkdwn(`*${countWords(countsIn(shown))}*\n${campaignNow(shown)}`) },
    ...rows,
    ...actions(campaignButtons(shown)),
  ];
}

/** A notification and a screen reader get this instead of the blocks. */
const fallback = (shown: ShownCampaign) =>
  `Campaign ${escapedWithin(shown.campaign.name, 150)}: ${countWords(countsIn(shown))}. ${campaignNow(shown)}`.slice(
    0,
    LIMITS.messageText,
  );

const WIDTHS = [98, 60, 30, 10];

/** The one message of a campaign: a pure function of its rows and those of its jobs. */
export function renderCampaign(shown: ShownCampaign): CardContent {
  const all = shown.campaign.repositories.length;
  const widths = [all, ...WIDTHS.filter((width) => width < all)];
  const blocks = firstThatFits(
    widths.map((width) => () => campaignBlocks(shown, [table(shown, width)])),
    (some) =>
      sizeOfBlocks(some) <= MESSAGE_SIZE && sizeOfBlocks(some.filter(({ type }) => type === "table")) <= TABLE_SIZE,
  );
  return { text: fallback(shown), blocks };
}

/** For a Slack that takes no tables: what counts, and the pull requests. */
const asLines = (shown: ShownCampaign): CardContent => ({
  text: fallback(shown),
  blocks: campaignBlocks(shown, []),
});

export const CAMPAIGN_RENDERINGS: Renderings<ShownCampaign> = [
  renderCampaign,
  asLines,
  (shown) => ({ text: fallback(shown), blocks: [] }),
];
