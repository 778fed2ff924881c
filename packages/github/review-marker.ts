type Answering = { jobId: string; round: number };

/**
 * The last lines of our answers: the last comment that was read, and to what it answers, in which round. It tells what has
 * been posted already, and our words from those of a person whose account Cody uses. Every author can write it, so the
 * author counts too.
 */
export const withAnswerMarker = (text: string, id: string, { jobId, round, upTo }: Answering & { upTo?: string }) =>
  [
    text,
    ...(upTo === undefined ? [] : [`<!-- cody-batch read:${upTo} -->`]),
    `<!-- cody-batch answers:${id} job:${jobId} round:${round} -->`,
  ].join("\n\n");

const MARKER =
  /\n\n(?:<!-- cody-batch read:(\S+) -->\n\n)?<!-- cody-batch answers:(\S+) job:(j[0-9a-f]{16}) round:(\d+) -->\s*$/;

/** `upTo`: what was written later was not read. Answers of earlier releases do not say it. */
export function answerMarkerOf(body: string): (Answering & { id: string; upTo?: string }) | undefined {
  const [, upTo, id, jobId, round] = MARKER.exec(body.replaceAll("\r\n", "\n")) ?? [];
  return id === undefined
    ? undefined
    : { id, jobId: jobId!, round: Number(round), ...(upTo !== undefined && { upTo }) };
}
