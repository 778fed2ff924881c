import { type Reason, worded } from "../jobs/reasons.ts";
import {
  BY_ACCESS,
  BY_CODE,
  BY_RULE,
  DECLINED,
  NO_WRITING,
  type RemoteDeed,
  type RemoteRule,
  SOME_RULE,
} from "./remote-rules.ts";
import { type RemoteWords, saidByServer } from "./remote-words.ts";

/** What passes by itself, unless a rule or a missing right stands beside it. */
const TEMPORARY =
  /rate limit|internal server error|server error|commit_refs|failed to update ref|cannot lock ref|unpacker error|timed out|temporarily|too many requests|returned error: (?:429|5\d\d)\b|try again later/i;

/**
 * Pure: why the server refused. undefined: it may pass, or it is no answer about this at all (a cut connection), and
 * is tried again.
 */
export function reasonOfWords(deed: RemoteDeed, words: RemoteWords): Reason | undefined {
  const said = withoutNames([...words.server, words.rejected ?? ""].join(" "));
  const all = `${said} ${words.git.map(withoutNames).join("\n")}`;
  const rule = refusedPush(said, saidByServer(words)) ?? (TEMPORARY.test(all) ? undefined : refusedAccess(all, words));
  return rule && reasonBy(rule, deed, saidByServer(words));
}

function refusedPush(said: string, sentences: string): RemoteRule | undefined {
  const byCode = BY_CODE.find(({ when }) => when.test(said));
  if (byCode) return byCode;
  const broken = BY_RULE.filter(({ when }) => when.test(said));
  if (!SOME_RULE.when.test(said) || BYPASSED.test(said)) return undefined;
  if (broken.length > 1) return DECLINED;
  return broken[0] ?? (HEADLINES_ONLY.test(sentences) ? SOME_RULE : DECLINED);
}

/** Rules that hold for others: GitHub names them and takes the push. */
const BYPASSED = /bypassed rule violations/i;

/** Nothing but that there is a rule. */
const HEADLINES_ONLY =
  /^(?:(?:protected branch update failed for \S+|(?:pre-receive|protected branch|update) hook declined|push declined\b.*|(?:repository )?rule violations?\b[^;]*)(?:; |$))*$/i;

const refusedAccess = (all: string, { rejected }: RemoteWords): RemoteRule | undefined =>
  BY_ACCESS.find(({ when }) => when.test(all)) ??
  (/returned error: 403\b/.test(all) ? FORBIDDEN : rejected ? DECLINED : undefined);

const FORBIDDEN: RemoteRule = {
  ...NO_WRITING,
  message: (said) => `GitHub does not let Cody's token at this repository${said && `: ${said}`}.`,
  nextStep: { or: "give the token write access, or settle what GitHub names, and retry." },
};

function reasonBy({ code, message, nextStep }: RemoteRule, deed: RemoteDeed, said: string): Reason {
  if (typeof nextStep === "string") return worded(code, [message(said), nextStep]);
  const alone = nextStep.or[0]!.toUpperCase() + nextStep.or.slice(1);
  return worded(code, [message(said), deed === "push" ? `Download the patch, or ${nextStep.or}` : alone]);
}

/** A branch or a repository may be called "archived": names and addresses decide nothing. */
const withoutNames = (text: string) =>
  text
    .replace(/refs\/\S+/g, "REF")
    .replace(/https?:\/\/[^\s']+/g, "URL")
    .replace(/'[^']*'|`[^`]*`/g, "NAME")
    .replace(/\S+\.git\b/g, "NAME");
