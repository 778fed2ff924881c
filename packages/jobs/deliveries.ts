import type { Delivery, JobOptions } from "./job.ts";

type DeliveryFacts = {
  /** In the form: the choice and what it means. */
  choice: string;
  meaning: string;
  /** On the card, behind who asked. */
  does: string;
  /** In the details of a job. */
  option: string;
  /** Where a complete change goes that may become a pull request. */
  next: "publish" | "awaiting-approval" | "patch-ready";
  /** Every pull request is a draft, verified or not. */
  draft: boolean;
};

export const DELIVERIES: Record<Delivery, DeliveryFacts> = {
  "open-pr": {
    choice: "Open pull requests",
    meaning: "As soon as a repository is done; a draft where not verified",
    does: "opens pull requests",
    option: "Open pull requests",
    next: "publish",
    draft: false,
  },
  "draft-pr": {
    choice: "Open draft pull requests",
    meaning: "For others to finish",
    does: "opens draft pull requests",
    option: "Open draft pull requests",
    next: "publish",
    draft: true,
  },
  "review-first": {
    choice: "Ask me first",
    meaning: "You see each patch here and approve or reject it",
    does: "asks before it opens pull requests",
    option: "Ask first",
    next: "awaiting-approval",
    draft: false,
  },
  "patch-only": {
    choice: "Patches only",
    meaning: "Nothing is pushed; download what changed",
    does: "makes patches only",
    option: "Patches only",
    next: "patch-ready",
    draft: false,
  },
};

/** Without a check every pull request is a draft, whatever was asked for. */
export const deliveryWords = ({ delivery }: JobOptions, { hasCheck }: { hasCheck: boolean }) =>
  delivery === "open-pr" && !hasCheck ? `${DELIVERIES["draft-pr"].does} (no check)` : DELIVERIES[delivery].does;
