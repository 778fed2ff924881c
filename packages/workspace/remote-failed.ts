import { RemoteTrouble } from "../jobs/errors.ts";
import { clip } from "../text/cut.ts";
import { REMOTE_TIMEOUT_MS } from "./limits.ts";
import { reasonOfWords } from "./remote-reasons.ts";
import type { RemoteDeed } from "./remote-rules.ts";
import { type RemoteWords, readRemoteWords } from "./remote-words.ts";

/** A fetch or push went wrong. Without a reason it may pass: it is tried again. */
export class RemoteFailed extends RemoteTrouble {
  override name = "RemoteFailed";
  constructor(deed: RemoteDeed, words: RemoteWords, cause: unknown) {
    const last = lastWords(words);
    super(`git ${deed} failed: ${last}`, { reason: reasonOfWords(deed, words), words: last, cause });
  }
}

export function remoteFailure(deed: RemoteDeed, error: unknown): RemoteFailed {
  if (error instanceof RemoteFailed) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new RemoteFailed(deed, readRemoteWords(/^abort/i.test(said) ? TOO_LONG : said), error);
}

const TOO_LONG = `It took longer than ${REMOTE_TIMEOUT_MS / 60_000} minutes.`;

/** For the log, and for a sentence about a server that does not come back. */
const lastWords = ({ server, git }: RemoteWords) => clip([...server, ...git].slice(-6).join(" ").trim(), 500);
