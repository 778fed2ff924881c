import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Offers, offers } from "../../packages/jobs/offers.ts";
import { because, REASONS, Reason, remedyOf } from "../../packages/jobs/reasons.ts";
import { RepoRun } from "../../packages/jobs/repo-run.ts";
import { SET_REASONS } from "../../packages/jobs/set-reasons.ts";
import { renderCard } from "../../packages/views/card.ts";
import { aRecord, aStartedRun } from "../builders.ts";
import { EVERY_REASON, NOT_CLOSED } from "./every-reason.ts";

const ROOT = join(import.meta.dirname, "../..");

/** As 207c2b8 stores them. */
const STORED =
  "app-not-installed app-permissions app-suspended archived base-branch-missing base-commit-gone branch-moved budget cancelled change-too-large conflicts context cut-off disabled empty expired foreign-pull-request github github-app github-token github-token-refused invalid-name model-key model-request model-unknown model-unreachable nested-repository no-permission no-verdict not-allowed not-found nothing-new nothing-to-publish own-secret partial paused protected-path publish-interrupted publish-lost publish-memory publish-not-started publish-timeout pull-request-closed pull-request-refused push-denied rate-limited refused rejected renamed repository-missing repository-renamed secret single-sign-on spend-limit stuck submodule-changed time token-refused too-large tree-mismatch tree-unreadable turns unavailable work-interrupted work-lost work-memory work-not-started work-timeout";

/** Codes are for rows and the runbook; "rate-limited" is English too. */
const codesIn = (words: string) =>
  Object.keys(REASONS).filter((code) => code.includes("-") && code !== "rate-limited" && words.includes(code));

/** What words tell a person to do, and what the card then has for it. */
const DEEDS: [RegExp, (offered: Offers) => readonly unknown[]][] = [
  [/\bretry\b|runs it again/i, ({ rounds }) => rounds.retry],
  [/\brefine\b|follow up/i, ({ rounds }) => rounds.refine],
  [/raise the cost limit/i, ({ rounds }) => rounds["raise-cap"]],
  [/go on all the same/i, ({ rounds }) => rounds["despite-setup"]],
  [/press close/i, ({ rounds }) => rounds.close],
  [/(?:download the patch|downloaded|the patch is kept)/i, ({ patches }) => patches],
];

function notOffered(reason: Reason, rest: Partial<RepoRun>): string[] {
  const words = `${reason.message} ${reason.nextStep}`;
  const offered = offers(aRecord([aStartedRun({ reason, ...rest })], { repositories: ["acme/orders"] }));
  return DEEDS.filter(([says, of]) => says.test(words) && of(offered).length === 0).map(([says]) => `${says}`);
}

describe("reasons", () => {
  it("know every code that 207c2b8 stored", () => {
    expect(STORED.split(" ").filter((code) => !(code in REASONS))).toEqual([]);
  });

  /** workspace/remote-rules.ts knows besides what helps against what git and the server say. */
  it("stand in one table: nothing else makes a sentence for a code", () => {
    const files = globSync(["packages/**/*.ts", "slack/**/*.ts", "functions/**/*.ts", "containers/**/*.ts"], {
      cwd: ROOT,
    });
    const makers = files
      .filter((file) => !file.startsWith("packages/stand-ins/"))
      .filter((file) => /code: "[a-z-]+",\s*message:[^}]*nextStep:/.test(readFileSync(join(ROOT, file), "utf8")));
    expect(makers).toEqual([]);
  });

  it("fit a row, whatever a service says", () => {
    const long = "said ".repeat(1_000);
    for (const reason of [
      because("refused", "cyber", long),
      because("spend-limit", long),
      because("github", "acme/orders", new Error(long)),
      because("checkout-failed", long),
      because("secret", long),
      because("pull-request-refused", "acme/orders", { why: "other", status: 422, said: long }),
    ])
      expect(Reason.parse(reason).message.length).toBeGreaterThan(100);
  });

  it.each([...Object.entries(EVERY_REASON), ["not closed", NOT_CLOSED] as const])(
    "in words: what happened and what to do, which the buttons beside it offer: %s",
    (_, [rests, ...reasons]) => {
      for (const reason of reasons) {
        Reason.parse(reason);
        const { message, nextStep } = reason;
        const words = `${message} ${nextStep}`;
        expect(message).toMatch(/^(?:[A-Z"0-9]|git |\S+[/.]\S)[^\n]*[^.!?…][.!?…]$/);
        expect(nextStep).toMatch(/^[A-Z][^\n]*[^.][.]$/);
        expect(message.length).toBeLessThan(250);
        expect(nextStep.length).toBeLessThan(170);
        expect(codesIn(words)).toEqual([]);
        expect(words).not.toMatch(
          /undefined|null|NaN|\[object|arn:|[0-9a-f]{20}|States\.|\b[a-z]+[A-Z]\w*|\b[a-z]+_[a-z]/,
        );
        for (const rest of rests) expect(notOffered(reason, rest), rest.state).toEqual([]);
      }
    },
  );

  it("say what a button does: what a person rejected stays, a cost limit is raised, the rest runs again", () => {
    expect(remedyOf(because("budget"))).toBe("raise-cap");
    expect(remedyOf(because("rejected"))).toBe("nothing");
    const others = Object.entries(REASONS).filter(([code, { remedy }]) => remedy !== "retry" && !(code in SET_REASONS));
    const aboutOpen = others.filter(([code]) =>
      EVERY_REASON[code as keyof typeof REASONS][0].every((rest) => rest.looksAfter),
    );
    expect(others.filter((one) => !aboutOpen.includes(one)).map(([code]) => code)).toEqual(["budget", "rejected"]);
    expect(aboutOpen.length).toBeGreaterThan(5);
    expect(remedyOf(undefined)).toBe("retry");
  });

  it.each(["of-a-later-release", "constructor", "toString"])(
    "with a code that is not in the table are read and shown: %s",
    (code) => {
      const reason = { code, message: "The moon is full.", nextStep: "Wait for a day." };
      const run = RepoRun.parse(aStartedRun({ state: "failed", reason }));
      expect(remedyOf(run.reason)).toBe("retry");
      expect(JSON.stringify(renderCard(aRecord([run])))).toContain("The moon is full. Wait for a day.");
    },
  );
});
