import { because, type Reason } from "../jobs/reasons.ts";
import { detailsOf, headerOf, isTemporary, saidBy, statusOf } from "./errors.ts";

/** undefined for what is no answer about this repository: rate limits, outages, bugs. The retry policy has those. */
export function refusalOf(error: unknown, name: string): Reason | undefined {
  if (isTemporary(error)) return undefined;
  switch (statusOf(error)) {
    case 401:
      return because("github-token");
    case 403:
      return accessRefusalOf(error, name) ?? because("no-permission", name, saidBy(error));
    case 404:
      return because("not-found", name);
    case 409:
      return because("empty", name);
    case 451:
      return because("unavailable", name);
    default:
      return undefined;
  }
}

/** Why a pull request cannot be closed. */
export function closeRefusalOf(error: unknown, name: string): Reason | undefined {
  if (isTemporary(error) || ![403, 422].includes(statusOf(error) ?? 0)) return refusalOf(error, name);
  return (
    accessRefusalOf(error, name) ?? because("pull-request-refused", name, { why: "not closed", said: saidBy(error) })
  );
}

/** Why this token does not open the repository at all. */
export function accessRefusalOf(error: unknown, name: string): Reason | undefined {
  const said = saidBy(error);
  if (headerOf(error, "x-github-sso") || /\bSAML\b|single sign-?on/i.test(said)) return because("single-sign-on", name);
  if (/IP allow ?list|IP address is not permitted/i.test(said)) return because("ip-allow-list", name);
  if (/OAuth App(?:lication)? access restrictions/i.test(said)) return because("oauth-restricted", name);
  if (/forbids access via/i.test(said)) return because("token-policy", name, said);
  if (/account (?:is|was|has been) (?:suspended|blocked|flagged|disabled)/i.test(said))
    return because("account-suspended", said);
  if (/\barchived\b.*\bread-only/i.test(said)) return because("archived", name);
  if (/repository .*(?:is|been|was) (?:disabled|locked)|repository access blocked/i.test(said))
    return because("disabled", name);
  return undefined;
}

/** Why no pull request can be opened, by the fields and sentences of GitHub's answer. */
export function pullRequestRefusalOf(
  error: unknown,
  { repository, base, branch }: { repository: string; base: string; branch: string },
): Reason | undefined {
  const status = statusOf(error) ?? 0;
  if (isTemporary(error) || status < 400 || status >= 500) return undefined;
  const said = saidBy(error);
  const details = detailsOf(error);
  const names = (field: string) => details.some((one) => one.field === field && one.code === "invalid");
  if (status === 401) return because("github-token");
  if (status === 451) return because("unavailable", repository);
  const access = status === 403 ? accessRefusalOf(error, repository) : undefined;
  if (access) return access;
  if (names("base") || /base (?:sha can't be blank|ref must be a branch)/i.test(said))
    return because("pull-request-refused", repository, { why: "no base", base });
  if (names("head") || /head (?:sha can't be blank|ref must be a branch)/i.test(said))
    return because("branch-gone", repository, branch);
  if (/no commits between/i.test(said)) return because("nothing-new", repository, base);
  if (/no history in common/i.test(said)) return because("other-history", repository, base);
  if (status === 403) return because("pull-request-refused", repository, { why: "forbidden", said });
  if (status === 404) return because("pull-request-refused", repository, { why: "not found" });
  if (status === 410) return because("pull-request-refused", repository, { why: "switched off", said });
  return because("pull-request-refused", repository, { why: "other", status, said });
}
