import type { Delivery, JobOptions } from "./job.ts";

type DeliveryFacts = {
  /** Its one name: in the form, on the card, in Home and Details, and in the documents. */
  name: string;
  /** In the form, below the name. */
  meaning: string;
  /** What chooses it behind a command. Absent: it is what happens without one. */
  flag?: "ask-first" | "draft-pull-requests" | "patches-only";
  /** Where a complete change goes that may become a pull request. */
  next: "publish" | "awaiting-approval" | "patch-ready";
  /** Every pull request is a draft, verified or not. */
  draft: boolean;
};

export const DELIVERIES: Record<Delivery, DeliveryFacts> = {
  "open-pr": {
    name: "Pull requests",
    meaning: "Opened as soon as a repository is done; a draft where no check passed",
    next: "publish",
    draft: false,
  },
  "draft-pr": {
    name: "Draft pull requests",
    meaning: "For others to finish",
    flag: "draft-pull-requests",
    next: "publish",
    draft: true,
  },
  "review-first": {
    name: "Ask first",
    meaning: "You see each patch here and approve or reject it",
    flag: "ask-first",
    next: "awaiting-approval",
    draft: false,
  },
  "patch-only": {
    name: "Patches only",
    meaning: "Nothing is pushed; download what changed",
    flag: "patches-only",
    next: "patch-ready",
    draft: false,
  },
};

/** Its name within a line: "ask first". */
const inLine = (delivery: Delivery) => DELIVERIES[delivery].name.toLowerCase();

/** Without a check every pull request is a draft, whatever was asked for. */
export const deliveryWords = ({ delivery }: JobOptions, { hasCheck }: { hasCheck: boolean }) =>
  delivery === "open-pr" && !hasCheck ? `${inLine("draft-pr")} (no check)` : inLine(delivery);
