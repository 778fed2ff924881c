import type { ActionOf } from "../conversation/calls.ts";
import type { Transcript } from "./render-transcript.ts";

/** Loads what draws it when it is needed: the colours of forty languages are no part of a run's memory. */
export const drawPage = async (transcript: Transcript, actionOf: ActionOf): Promise<string> =>
  (await import("./render-transcript.ts")).renderTranscript(transcript, actionOf);
