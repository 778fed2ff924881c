import type { types } from "@slack/bolt";
import { input, line } from "../../packages/views/inputs.ts";
import { headOfSize, sizeOf } from "../../packages/views/size.ts";
import { LIMITS } from "../../packages/views/text.ts";

export const PROMPT = "prompt";
/** What stood between a part of the prompt and the one before it; what the parts' own input is called says so. */
const JOINTS = { "": "\n", _: " ", "~": "" } as const;
type Joint = keyof typeof JOINTS;
/**
 * One input takes 3,000 characters: a longer prompt is spread over as many as it needs. `edition`: one more each time
 * that a saved job takes the place of what was there.
 */
export const promptField = (part: number, edition = 0, joint: Joint = "") =>
  `${PROMPT}${edition === 0 ? "" : `.${edition}`}${part === 0 ? "" : `-${part + 1}${joint}`}`;
const PROMPT_FIELD = new RegExp(`^${PROMPT}(?:\\.(\\d+))?(?:-(\\d+)([_~]?))?$`);
export const jointOf = (field: string) => JOINTS[(PROMPT_FIELD.exec(field)?.[3] ?? "") as Joint];
export const isPromptField = (field: string) => PROMPT_FIELD.test(field);
export const partOf = (field: string) => Number(PROMPT_FIELD.exec(field)?.[2] ?? 1);
export const editionOf = (blocks: readonly { block_id?: string }[]) =>
  Math.max(0, ...blocks.map(({ block_id = "" }) => Number(PROMPT_FIELD.exec(block_id)?.[1] ?? 0)));

type Part = { text: string; joint: Joint };

/** Pieces that fit an input each, cut at a line's end, else at a space, else between characters: nothing is added. */
function partsOf(prompt: string): Part[] {
  const parts: Part[] = [];
  let [rest, joint]: [string, Joint] = [prompt, ""];
  while (sizeOf(rest) > LIMITS.input) {
    const max = headOfSize(rest, LIMITS.input).length;
    const [line, space] = ["\n", " "].map((mark) => rest.lastIndexOf(mark, max)) as [number, number];
    const [end, next]: [number, Joint] = line > max / 2 ? [line, ""] : space > max / 2 ? [space, "_"] : [max, "~"];
    parts.push({ text: rest.slice(0, end), joint });
    [rest, joint] = [rest.slice(next === "~" ? end : end + 1), next];
  }
  return [...parts, { text: rest, joint }];
}

export const promptParts = (prompt: string): string[] => partsOf(prompt).map(({ text }) => text);

export const promptInputs = (prompt: string, edition = 0): types.InputBlock[] =>
  partsOf(prompt).map(({ text, joint }, i) =>
    input(
      promptField(i, edition, joint),
      i === 0 ? "What should Cody do?" : "… and on",
      {
        ...line(promptField(i, edition, joint), "Raise log4j-core to at least 2.17.1 and adapt the tests"),
        multiline: true,
        max_length: LIMITS.input,
        ...(i === 0 && { focus_on_load: true }),
        ...(text && { initial_value: text }),
      },
      { optional: i > 0 },
    ),
  );
