import { because, type Reason } from "../jobs/reasons.ts";
import type { ResolvedSettings } from "../jobs/repository-settings.ts";
import { clip } from "../text/cut.ts";

/** Names of the deployment's images; "no-effect" on one machine, where commands see the machine's own toolchains. */
export type OfferedImages = readonly string[] | "no-effect";

type Chosen = { settings: ResolvedSettings; reason?: undefined } | { settings?: undefined; reason: Reason };

/** Pure: settings whose image Work can run in, or why it cannot. */
export function chooseImage(settings: ResolvedSettings, offered: OfferedImages): Chosen {
  const name = settings.image?.value;
  if (name === undefined) return { settings };
  if (offered === "no-effect") {
    const { image: _, ...others } = settings;
    const words = `The image ${name} has no effect on one machine: commands see this machine's own toolchains.`;
    return { settings: { ...others, note: clip([settings.note, words].filter(Boolean).join(" "), 500) } };
  }
  return offered.includes(name) ? { settings } : { reason: because("image-unknown", name, offered) };
}
