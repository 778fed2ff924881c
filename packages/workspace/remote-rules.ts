import type { ReasonCode } from "../jobs/reasons.ts";
/** A fetch or a push: only a push has a patch to download instead. */
export type RemoteDeed = "fetch" | "push";

export type RemoteRule = {
  code: ReasonCode;
  when: RegExp;
  message: (said: string) => string;
  /** What helps. `or` stands behind the offer to download the patch. */
  nextStep: string | { or: string };
};

const declined = (said: string) => `GitHub declined the push: ${said}.`;
const denied = (when: RegExp, nextStep: RemoteRule["nextStep"], message = declined): RemoteRule => ({
  code: "push-denied",
  when,
  message,
  nextStep,
});

/** Unknown words behind "remote rejected". */
export const DECLINED = denied(/./, "Download the patch; press Retry once what the message names is settled.");

export const NO_WRITING = denied(
  /permission to .* denied|write access .* not granted|resource not accessible by/i,
  { or: "give the token write access and retry." },
  () => "The GitHub token may not write to this repository.",
);

/** The code of GitHub's answer decides alone: https://docs.github.com/en/get-started/using-git/troubleshooting-the-2-gb-push-limit and its neighbours. */
export const BY_CODE: readonly RemoteRule[] = [
  {
    code: "workflow-permission",
    when: /refusing to allow .* workflow/i,
    message: (said) => `Cody's GitHub token may not change workflows: ${said}.`,
    nextStep: {
      or: "give the token the workflow permission (classic: scope workflow; else Workflows, write) and retry.",
    },
  },
  denied(
    /GH001|large files detected|exceeds GitHub's file size limit/i,
    "Download the patch; refine the job to leave that file out, or keep it in Git LFS by hand.",
  ),
  denied(/GH007|private e-?mail/i, {
    or: "let the owner of Cody's GitHub account allow pushes with that address and retry.",
  }),
  denied(
    /GH008|unknown git lfs object/i,
    "Download the patch: it changes Git LFS pointers whose objects Cody cannot upload.",
  ),
  denied(/GH009|push protection|cannot contain secrets|secrets? detected/i, {
    or: "refine the job to take the secret out; if it is none, allow it on GitHub and retry.",
  }),
  {
    code: "push-too-large",
    when: /pack exceeds maximum allowed size|exceeds .*push (?:size )?limit/i,
    message: (said) => `The push is larger than GitHub takes: ${said}.`,
    nextStep: "Download the patch, or refine the job to change fewer or smaller files.",
  },
  denied(
    /shallow update not allowed/i,
    "Download the patch, and push it from a full clone.",
    () => "The server takes no push from a clone without history.",
  ),
  {
    code: "branch-in-the-way",
    when: /cannot lock ref .* exists; cannot create/i,
    message: (said) => `A branch of the repository is in the way: ${said}.`,
    nextStep: { or: "rename or delete the branch that exists and retry." },
  },
];

/** Rules of a repository: a push may break several, and then no one remedy is right. */
export const BY_RULE: readonly RemoteRule[] = [
  denied(/verified signature|must be signed|signed commits|require\w* sign/i, {
    or: "have an administrator set CODY_SIGNING_KEY and retry.",
  }),
  denied(/(?:committer|author|commit)(?:'s)? e-?mail|e-?mail (?:address )?(?:must|does|is not)/i, {
    or: "let that rule accept cody-batch@users.noreply.github.com and retry.",
  }),
  denied(/commit messages?\b/i, { or: "let that rule accept Cody's commit messages and retry." }),
  denied(/file ?paths?\b|paths? (?:is|are) restricted|restricted (?:file|path)|file extension|path length|file size/i, {
    or: "refine the job to leave those files alone, or let that rule except Cody and retry.",
  }),
  denied(/through a pull request|creations? being restricted|update this protected ref|branch name|status checks?\b/i, {
    or: "allow cody/* branches in the repository's rules and retry.",
  }),
];

/** A rule of the repository that is none of these. */
export const SOME_RULE = denied(/GH0\d\d|protected branch|(?:push|hook) declined|rule violation/i, {
  or: "allow cody/* branches in the repository's rules and retry.",
});

/** Who may come in at all. */
export const BY_ACCESS: readonly RemoteRule[] = [
  {
    code: "archived",
    when: /was archived|is archived|repository .*read-only/i,
    message: () => "The repository was archived, so it is read-only.",
    nextStep: { or: "unarchive the repository on GitHub and retry." },
  },
  {
    code: "single-sign-on",
    when: /SAML|single sign-?on|\bSSO\b/,
    message: () => "The organisation requires single sign-on, and Cody's GitHub token is not authorised for it.",
    nextStep: "Ask an administrator to authorise the token for that organisation on GitHub, then retry.",
  },
  {
    code: "ip-allow-list",
    when: /IP allow ?list|IP address is not permitted/i,
    message: () => "The organisation lets only listed IP addresses in, and Cody's is not among them.",
    nextStep: "Ask an owner of the organisation to add Cody's address to its IP allow list, then retry.",
  },
  {
    code: "oauth-restricted",
    when: /OAuth App(?:lication)? access restrictions/i,
    message: () => "The organisation has not approved the OAuth app that Cody's GitHub token belongs to.",
    nextStep: "Ask an owner of the organisation to approve the app under Third-party access, then retry.",
  },
  {
    code: "token-policy",
    when: /forbids access via/i,
    message: (said) => `The organisation does not accept this kind of GitHub token: ${said}.`,
    nextStep: "Ask an administrator for a token that the organisation's policy allows, then retry.",
  },
  {
    code: "account-suspended",
    when: /account (?:is|was|has been) (?:suspended|blocked|flagged|disabled)/i,
    message: (said) => `GitHub has blocked the account of Cody's token: ${said}.`,
    nextStep: "Ask an administrator to settle it with GitHub, or to set another token, then retry.",
  },
  {
    code: "disabled",
    when: /repository .*(?:is|been|was) (?:disabled|locked|blocked)|disabled by GitHub|access blocked|DMCA|returned error: 451\b/i,
    message: (said) => `GitHub has closed the repository${said && `: ${said}`}.`,
    nextStep: "Ask the repository's owner what happened, or leave it out.",
  },
  NO_WRITING,
  {
    code: "github-token-refused",
    when: /invalid (?:username|credentials|token)|bad credentials|password authentication|authentication failed|could not read (?:username|password)|terminal prompts disabled|returned error: 401\b/i,
    message: () => "GitHub refused the token.",
    nextStep: "Check the GitHub token and its access to this repository, then retry.",
  },
  {
    code: "base-commit-gone",
    when: /not our ref|couldn't find remote ref|unadvertised object|no such remote ref/i,
    message: () => "The pinned base commit is no longer in the repository.",
    nextStep: "Retry: the next round starts from the newest commit.",
  },
  {
    code: "repository-missing",
    when: /repository (?:NAME )?not found|returned error: 404\b|does not appear to be a git repository/i,
    message: () => "The repository cannot be reached.",
    nextStep: "Check the GitHub token and its access to this repository, then retry.",
  },
  {
    code: "repository-renamed",
    when: /returned error: 30[12378]\b|redirect/i,
    message: () => "The repository answers from another address: it was renamed or moved.",
    nextStep: "Start the job again with the repository's new name.",
  },
  {
    code: "push-too-large",
    when: /returned error: 413\b|HTTP 413\b/,
    message: () => "The push is larger than GitHub takes.",
    nextStep: "Download the patch, or refine the job to change fewer or smaller files.",
  },
];
