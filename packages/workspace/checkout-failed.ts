import { RemoteTrouble } from "../jobs/errors.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { GitFailed } from "../sandbox/git-failed.ts";

/** The files of the base commit cannot stand on this machine, and another try would end the same way. */
class CheckoutFailed extends RemoteTrouble {
  override name = "CheckoutFailed";
  constructor(cause: GitFailed) {
    const reason = reasonOf(cause.stderr);
    super(reason.message, { reason, words: cause.message, cause });
  }
}

/** git was ended from outside, by us or by a signal: that may go well the next time. */
export const checkoutFailure = (error: unknown) =>
  error instanceof GitFailed && !error.ended && error.exitCode !== null ? new CheckoutFailed(error) : error;

function reasonOf(stderr: string): Reason {
  const line = stderr.split("\n").find((one) => /^(?:fatal|error):/.test(one)) ?? stderr;
  if (/No space left on device|Disk quota exceeded/i.test(stderr)) return because("disk-full");
  if (/File name too long/i.test(stderr) || line.length > GIT_CUTS_AT) return because("path-too-long", pathIn(line));
  return because("checkout-failed", line.trim());
}

/** A message of git's ends at some 4,096 bytes, also before it has said what is wrong with the path that fills it. */
const GIT_CUTS_AT = 4_000;

const pathIn = (line: string) => /'([^']*)/.exec(line)?.[1] ?? line;
