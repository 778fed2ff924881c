import type { z } from "zod";
import type { Zone } from "./zones.ts";

/** Everything about one variable. It stands once, in `variables/`; who reads it asks its zone's reader. */
export type Declaration = {
  /** One line, for `.env.example` and for the sentence that says it is missing. */
  means: string;
  /** Takes the text of a variable that is set. Its message goes on after the name: "must be ...". */
  value: z.ZodType<unknown, string>;
  zones: readonly Zone[];
  /** Without it every zone, or one of these, cannot do its work. */
  needed?: true | readonly Zone[];
  /** What counts where nothing is set, as one would write it. */
  default?: string;
  secret?: true;
  /** Another variable that stands in for it. */
  or?: string;
  /**
   * What sets it on AWS. Default: the deploying person, in the shell or, for a secret, by `sst secret set`.
   * `stack`: a resource's name. `platform`: Lambda, Fargate or the state machine. `never`: one machine alone.
   */
  onAws?: "stack" | "platform" | "never";
};
