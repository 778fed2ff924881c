import { createHash } from "node:crypto";
import { JobId } from "../jobs/ids.ts";
import { withoutSection } from "./set-section.ts";

/**
 * The last line of our pull requests: whose job it is, and a digest of title and text without the section that is kept
 * current. It proves nothing by itself
 * (every author can write it): the author is checked as well.
 */
export const withMarker = (title: string, text: string, jobId: string) =>
  `${text}\n\n<!-- cody-batch job:${jobId} text:${digestOf(title, text)} -->`;

const MARKER = /\n\n<!-- cody-batch job:(j[0-9a-f]{16}) text:([0-9a-f]{16}) -->\s*$/;

export function markerOf(body: string): { jobId: JobId } | undefined {
  const [, jobId] = MARKER.exec(unixLines(body)) ?? [];
  return jobId === undefined ? undefined : { jobId: JobId.parse(jobId) };
}

/** Whether title and text are still as we wrote them. */
export function isUnedited(title: string, body: string): boolean {
  const text = unixLines(body);
  const found = MARKER.exec(text);
  return found !== null && found[2] === digestOf(title, text.slice(0, found.index));
}

const digestOf = (title: string, text: string) =>
  createHash("sha256")
    .update(`${title}\n${withoutSection(text)}`)
    .digest("hex")
    .slice(0, 16);

/** GitHub's web form turns line ends into CRLF. */
const unixLines = (text: string) => text.replaceAll("\r\n", "\n");
