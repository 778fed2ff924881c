import { AWS, PLATFORM } from "./variables/aws.ts";
import { DEPLOY } from "./variables/deploy.ts";
import { GITHUB } from "./variables/github.ts";
import { MACHINE } from "./variables/machine.ts";
import { SLACK } from "./variables/slack.ts";
import { WORK } from "./variables/work.ts";

/** In the order of `.env.example`, with its headings. */
export const SECTIONS = {
  "Slack (Socket Mode needs both tokens, or neither)": SLACK,
  "Claude, and what a run may use": WORK,
  GitHub: GITHUB,
  "One machine": MACHINE,
  "sst deploy": DEPLOY,
  "AWS (set by the stack when deployed; on one machine the stand-ins fill them in)": AWS,
};

/** Every variable that any part of Cody reads. */
export const VARIABLES = { ...SLACK, ...WORK, ...GITHUB, ...MACHINE, ...DEPLOY, ...AWS, ...PLATFORM };

export type Variable = keyof typeof VARIABLES;
