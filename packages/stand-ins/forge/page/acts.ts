import { html } from "hono/html";
import { z } from "zod";
import type { ForgeCheck, ForgePullRequest, ForgeReview, ForgeThread } from "../state.ts";
import type { HtmlPage } from "./layout.ts";
import { markdown } from "./markdown.ts";

const OUTCOMES = { pending: null, success: "success", failure: "failure" } as const;
const By = z.string().trim().min(1).max(39).default("octocat");

const Act = z.discriminatedUnion("act", [
  z.object({
    act: z.literal("check"),
    name: z.string().trim().min(1).max(200),
    outcome: z.enum(["pending", "success", "failure"]).transform((word) => OUTCOMES[word]),
    /** What its job in GitHub Actions printed; empty: it is no such job. */
    log: z.string().max(1_000_000).default(""),
  }),
  z.object({
    act: z.literal("review"),
    by: By,
    decision: z.enum(["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]),
    body: z.string().max(65_536).default(""),
  }),
  z.object({
    act: z.literal("comment"),
    by: By,
    path: z.string().trim().min(1).max(500),
    line: z.coerce.number().int().positive(),
    body: z.string().trim().min(1).max(65_536),
  }),
  z.object({ act: z.enum(["merge", "close"]), by: By }),
  z.object({ act: z.literal("reopen") }),
]);
export type ActRequest = z.infer<typeof Act>;

/** undefined: the form was not one of this page's. */
export const readAct = (body: unknown): ActRequest | undefined => Act.safeParse(body).data;

type Judgements = {
  checks: readonly ForgeCheck[];
  reviews: readonly ForgeReview[];
  threads: readonly ForgeThread[];
};

/** Checks and reviews of a pull request, and what a person may do with it. */
export const actForms = (pull: ForgePullRequest, { checks, reviews, threads }: Judgements): HtmlPage => html`
  <h2>Checks</h2>
  ${checks.length === 0 ? html`<p class="empty">No check has run on its newest commit.</p>` : html`<ul class="list">${checks.map(checkLine)}</ul>`}
  <h2>Reviews</h2>
  ${reviews.length === 0 ? html`<p class="empty">No review yet.</p>` : html`<ul class="list">${reviews.map(reviewLine)}</ul>`}
  ${threads.length === 0 ? "" : html`<h2>Discussions</h2><ul class="list">${threads.map(threadLine)}</ul>`}
  ${pull.state === "open" ? openForms : pull.mergedAt ? html`<p class="quiet">Merged${pull.mergedBy && ` by ${pull.mergedBy}`}.</p>` : closedForm(pull)}
`;

const OUTCOME_WORDS = {
  pending: "Running",
  success: "Passed",
  failure: "Failed",
  cancelled: "Cancelled",
  skipped: "Skipped",
};
const checkLine = ({ name, outcome }: ForgeCheck): HtmlPage =>
  html`<li><span class="label ${outcome ?? ""}">${OUTCOME_WORDS[outcome ?? "pending"]}</span> ${name}</li>`;

const REVIEW_WORDS = { APPROVED: "approved", CHANGES_REQUESTED: "asked for changes", COMMENTED: "commented" };
const reviewLine = ({ author, state, body }: ForgeReview): HtmlPage =>
  html`<li>${author} ${REVIEW_WORDS[state]}${body && html`<p class="quiet">${body}</p>`}</li>`;

const threadLine = ({ path, line, isResolved, comments }: ForgeThread): HtmlPage =>
  html`<li><code>${path}:${line}</code> ${isResolved ? "resolved" : ""}${comments.map(({ author, body }) => html`<p class="quiet">${author}</p>${markdown(body)}`)}</li>`;

const person = html`<label>as <input name="by" value="octocat" required maxlength="39" /></label>`;

const openForms = html`<div class="acts">
  <form method="post">
    <input type="hidden" name="act" value="check" />
    <label>Check <input name="name" value="build" required maxlength="200" /></label>
    <label>Log <textarea name="log" rows="2" placeholder="What its job printed"></textarea></label>
    <button name="outcome" value="pending">Running</button>
    <button name="outcome" value="success">Passed</button>
    <button name="outcome" value="failure">Failed</button>
  </form>
  <form method="post">
    <input type="hidden" name="act" value="review" />
    <label>Review <input name="body" placeholder="What you have to say" maxlength="65536" /></label>
    ${person}
    <button name="decision" value="APPROVED">Approve</button>
    <button name="decision" value="CHANGES_REQUESTED">Request changes</button>
    <button name="decision" value="COMMENTED">Comment</button>
  </form>
  <form method="post">
    <input type="hidden" name="act" value="comment" />
    <label>Comment on <input name="path" placeholder="src/a.ts" required maxlength="500" /></label>
    <label>line <input name="line" value="1" required inputmode="numeric" /></label>
    <label>Words <textarea name="body" rows="2" required></textarea></label>
    ${person}
    <button>Comment on the line</button>
  </form>
  <form method="post">
    ${person}
    <button name="act" value="merge">Merge</button>
    <button name="act" value="close">Close</button>
  </form>
</div>`;

const closedForm = ({ closedBy }: ForgePullRequest): HtmlPage => html`<form method="post" class="acts">
  <p class="quiet">Closed${closedBy === null ? "" : ` by ${closedBy}`}.</p>
  <button name="act" value="reopen">Reopen</button>
</form>`;
