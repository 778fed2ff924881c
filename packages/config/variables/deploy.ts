import type { Declaration } from "../declaration.ts";
import { amount, anyText, flag, form, images } from "../forms.ts";

const zones = ["deploy"] as const;

/** What `sst deploy` is told about the deployment itself. */
export const DEPLOY = {
  CODY_PRIVATE: {
    means: "1: tasks in private subnets behind a NAT gateway, which costs about $37 a month",
    value: flag,
    zones,
    default: "0",
  },
  CODY_RUNNER_CPU: {
    means: "vCPU of the Work task: what the repositories' own tests need",
    value: anyText,
    zones,
    default: "1",
  },
  CODY_RUNNER_MEMORY: {
    means: "its memory in GB; Fargate has certain pairs only",
    value: anyText,
    zones,
    default: "4",
  },
  CODY_RUNNER_IMAGE: {
    means: "an image of your own with more toolchains, built from ours: docs/deploy.md",
    value: anyText,
    zones,
  },
  CODY_IMAGES: {
    means: "more images that a repository's settings may choose, by name: java21=IMAGE dotnet=IMAGE; docs/deploy.md",
    value: images,
    zones: ["deploy", "plan", "slack", "socket"],
    default: "",
  },
  CODY_TOOLCHAINS: {
    means: "what the runner's image has besides Node, from Debian: some of java maven python go rust ruby php c",
    value: form(
      /^ *(?:(?:java|maven|python|go|rust|ruby|php|c)(?: +|$))*$/,
      "must name some of java, maven, python, go, rust, ruby, php and c, with spaces between",
    ),
    zones,
    default: "",
  },
  CODY_ALARM_EMAIL: {
    means: "alarms go there; confirm the mail that AWS sends",
    value: form(/^\S+@\S+$/, "must be an e-mail address"),
    zones,
  },
  CODY_SPEND_ALARM_USD: {
    means: "an alarm when the models cost more in a day",
    value: amount("a number of dollars per day", 1_000_000),
    zones,
    default: "100",
  },
  CODY_DOCTOR: {
    means: "0: deploy without asking Slack, GitHub and Claude first",
    value: flag,
    zones,
    default: "1",
  },
} as const satisfies Record<string, Declaration>;
