import { ANSWER_REVIEW, FIX_CHECKS } from "../../agent/prompt.ts";
import { knowsConfirmation, REPORT_VERDICT } from "../../agent/tools/report-verdict.ts";
import { bench, benchOf } from "./bench.ts";
import type { Brain, Reply } from "./brain.ts";
import { type KnownConversation, knownConversationOf } from "./conversation.ts";
import { fixChecks } from "./fix-checks.ts";
import { inspect } from "./inspect.ts";
import { raise } from "./raise/raise.ts";
import { targetsOf } from "./raise/target.ts";
import { replyToReview } from "./reply-to-review.ts";

/** One real skill, a bench mode, and an honest look around for everything else. */
export const scriptedBrain: Brain = (request) => {
  const conversation = knownConversationOf(request);
  const benchMode = benchOf(conversation.task);
  if (benchMode) return bench(conversation, benchMode);
  const mayConfirm = knowsConfirmation(request.tools ?? []);
  const lookingAfter = { [FIX_CHECKS]: fixChecks, [ANSWER_REVIEW]: replyToReview }[conversation.task];
  if (lookingAfter) {
    const reply = lookingAfter(conversation);
    return mayConfirm ? confirming(conversation, reply) : reply;
  }
  const targets = targetsOf(conversation.task);
  const reply = keepingEarlier(conversation, targets.length > 0 ? raise(conversation, targets) : inspect(conversation));
  return mayConfirm ? confirming(conversation, reply) : reply;
};

/** A follow-up for which nothing is left to do: what an earlier round changed is in the tree, and the verdict says so. */
function keepingEarlier({ steps }: KnownConversation, reply: Reply): Reply {
  const refused = steps.some(({ isError, result }) => isError && result.includes("working tree has changes"));
  const [call] = reply.calls ?? [];
  if (!refused || call?.input.outcome !== "not-needed") return reply;
  const kept = { outcome: "changed", pullRequestTitle: "Keep the changes of the earlier rounds" };
  return { ...reply, calls: [{ ...call, input: { ...call.input, ...kept } }] };
}

/** The same report again, word for word: it only confirms the last one, once that was answered with the change. */
function confirming({ steps }: KnownConversation, reply: Reply): Reply {
  const last = steps.findLast(({ name }) => name === REPORT_VERDICT);
  const [call] = reply.calls ?? [];
  const isSame = call?.name === REPORT_VERDICT && JSON.stringify(call.input) === JSON.stringify(last?.input);
  return isSame && !last?.isError
    ? { ...reply, calls: [{ name: REPORT_VERDICT, input: { outcome: "confirmed" } }] }
    : reply;
}
