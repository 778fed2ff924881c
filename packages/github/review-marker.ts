type Answering = { jobId: string; round: number };

/**
 * The last line of our answers: to what, in which round. It tells what has been posted already, and our words from those
 * of a person whose account Cody uses. Every author can write it, so the author counts too.
 */
export const withAnswerMarker = (text: string, id: string, { jobId, round }: Answering) =>
  `${text}\n\n<!-- cody-batch answers:${id} job:${jobId} round:${round} -->`;

const MARKER = /\n\n<!-- cody-batch answers:(\S+) job:(j[0-9a-f]{16}) round:(\d+) -->\s*$/;

export function answerMarkerOf(body: string): (Answering & { id: string }) | undefined {
  const [, id, jobId, round] = MARKER.exec(body.replaceAll("\r\n", "\n")) ?? [];
  return id === undefined ? undefined : { id, jobId: jobId!, round: Number(round) };
}
