import { Effort } from "../../jobs/job.ts";
import type { Declaration } from "../declaration.ts";
import {
  address,
  amount,
  anyText,
  choice,
  flag,
  folders,
  privateHosts,
  registries,
  registryCredentials,
  token,
  whole,
} from "../forms.ts";

/** The model, and what it may use. */
export const WORK = {
  ANTHROPIC_API_KEY: {
    means: "the model key; Work alone holds it",
    value: token,
    zones: ["work", "doctor"],
    needed: true,
    secret: true,
  },
  ANTHROPIC_BASE_URL: {
    means: "another Messages API address",
    value: address,
    zones: ["work", "doctor"],
    default: "https://api.anthropic.com",
  },
  CODY_MODEL: {
    means: "the model that the form offers first",
    value: anyText,
    zones: ["slack", "socket", "schedule", "doctor"],
    default: "claude-sonnet-5-5",
  },
  CODY_EFFORT: {
    means: "how hard the model thinks: low, medium, high, xhigh or max; nothing set: what suits the model",
    value: choice(Effort.options),
    zones: ["work"],
  },
  CODY_MAX_TURNS: {
    means: "turns of a repository in a round",
    value: whole("a number of turns"),
    zones: ["work"],
    default: "250",
  },
  CODY_MAX_MINUTES: {
    means: "wall time of an attempt",
    value: amount("a number of minutes", 1440),
    zones: ["work"],
    default: "90",
  },
  CODY_COMMAND_SECONDS: {
    means: "time limit of the setup command and of the check",
    value: amount("a number of seconds", 86_400),
    zones: ["work"],
    default: "900",
  },
  CODY_SETUP_NETWORK: {
    means: "what the setup command may reach: registries (to read packages), or any (every public host, uploads too)",
    value: choice(["registries", "any"]),
    zones: ["work"],
    default: "registries",
  },
  CODY_PRIVATE_HOSTS: {
    means:
      "with CODY_SETUP_NETWORK=any: hosts of your own network that setup may reach too: nexus.example.com,10.1.2.3:8081",
    value: privateHosts,
    zones: ["work"],
    default: "",
  },
  CODY_PATH: {
    means: "exactly the PATH of commands; without it: your shell's, and toolchains where their installers put them",
    value: folders,
    zones: ["work"],
    onAws: "never",
  },
  CODY_REGISTRIES: {
    means:
      'package registries of your own, as JSON: [{"ecosystem":"npm","host":"npm.example.com","path":"/private/","names":["@acme/*"],"credential":"acme"}]',
    value: registries,
    zones: ["work"],
    default: "",
  },
  CODY_REGISTRY_CREDENTIALS: {
    means: "what those registries want to see; commands never see it: acme=TOKEN nexus=USER:PASSWORD",
    value: registryCredentials,
    zones: ["work"],
    default: "",
    secret: true,
  },
  CODY_UNSAFE_COMMANDS: {
    means: "1: run commands without a sandbox where none works (never on a machine you care about)",
    value: flag,
    zones: ["work"],
    default: "0",
    onAws: "never",
  },
} as const satisfies Record<string, Declaration>;
