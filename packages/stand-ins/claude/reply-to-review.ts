import { listed } from "../../text/lists.ts";
import { type Reply, SCRIPTED } from "./brain.ts";
import { filesRead, type KnownConversation } from "./conversation.ts";
import { verdictCall } from "./verdict-call.ts";

type Suggested = { id: string; place?: { path: string; line: number; text: string } };

const COMMENT = /<review-comment id="([^"]+)"(?: place="([^"]+):(\d+)")?[^>]*>\n([\s\S]*?)\n<\/review-comment>/g;
const SUGGESTION = /```suggestion\n([\s\S]*?)\n?```/g;

/** One honest skill: a suggestion for one line takes that line's place. Every other comment is told that a script reads it. */
export function replyToReview({ material, steps, isLastTurn }: KnownConversation): Reply {
  const comments = [...material.matchAll(COMMENT)].map(([, id, path, line, said]): Suggested => {
    const text = [...said!.matchAll(SUGGESTION)].at(-1)?.[1];
    return { id: id!, ...(path && line && text !== undefined && { place: { path, line: Number(line), text } }) };
  });
  const places = comments.flatMap(({ place }) => place ?? []);
  const firstEdit = steps.findIndex(({ name }) => name === "edit_file");
  const files = filesRead(firstEdit === -1 ? steps : steps.slice(0, firstEdit));
  const unread = [...new Set(places.map(({ path }) => path))].filter(
    (path) => !steps.some(({ name, input }) => name === "read_file" && input.path === path),
  );
  if (unread.length > 0 && !isLastTurn)
    return {
      thinking: "[scripted model] The comments suggest lines: I read their files.",
      text: `I read ${listed(unread)}.`,
      calls: unread.map((path) => ({ name: "read_file", input: { path } })),
    };
  const edits = places.flatMap(({ path, line, text }) => {
    const old = files.get(path)?.lines.get(line);
    return old === undefined || old === text ? [] : [{ path, old_text: old, new_text: text }];
  });
  if (edits.length > 0 && firstEdit === -1 && !isLastTurn)
    return {
      thinking: "[scripted model] I put the suggestions in.",
      text: "I put the suggested lines in.",
      calls: edits.map((input) => ({ name: "edit_file", input })),
    };
  const done = new Set(
    steps
      .filter(({ name, isError }) => name === "edit_file" && !isError)
      .map(({ input }) => `${input.path} ${input.new_text}`),
  );
  const isIn = ({ place }: Suggested) => place !== undefined && done.has(`${place.path} ${place.text}`);
  const taken = comments.filter(isIn);
  const replies = comments.map((comment) => ({
    thread: comment.id,
    body: isIn(comment)
      ? `${SCRIPTED} The suggested line is in.`
      : `${SCRIPTED} A script reads this, and it only puts in a suggestion for one line. Nothing was changed for this comment.`,
  }));
  const reply = verdictCall({
    outcome: "changed",
    summary: `Put ${taken.length} of ${comments.length} suggested lines in, and replied to each comment. I judged nothing; the changes of earlier rounds are as they were.`,
    evidence: taken.map(({ place }) => ({ path: place!.path, note: `line ${place!.line} is as the comment suggests` })),
    title: "Put suggested lines in, beside the earlier changes",
    body: "Lines that reviewers suggested are in. The changes of earlier rounds are in here as they were.",
  });
  const [call] = reply.calls!;
  return { ...reply, calls: [{ ...call!, input: { ...call!.input, replies } }] };
}
