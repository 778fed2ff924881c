import { z } from "zod";
import { HomeBlock, ModalBlock } from "./blocks.ts";
import { complaints } from "./complaints.ts";
import { actionIdComplaints, blockIdComplaints, elementsOf } from "./identity.ts";
import { plainTextObject, stored } from "./text.ts";

const MAX_VIEW_BYTES = 250_000;

const base = {
  callback_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3_000).optional(),
  external_id: z.string().max(255).optional(),
};

const Modal = z
  .strictObject({
    type: z.literal("modal"),
    ...base,
    title: plainTextObject(24),
    submit: plainTextObject(24).optional(),
    close: plainTextObject(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    blocks: z.array(ModalBlock).max(100),
  })
  .superRefine((view, context) => {
    view.blocks.forEach((block, index) => {
      if (block.type === "input" && !view.submit)
        context.addIssue({
          code: "custom",
          message: "must define `submit` to use an `input` block in modals",
          path: ["blocks", index, "input"],
        });
    });
    const focused = view.blocks.flatMap(elementsOf).filter((element) => element.focus_on_load);
    if (focused.length > 1)
      context.addIssue({ code: "custom", message: "only one element may have `focus_on_load`", path: ["blocks"] });
  });

const Home = z.strictObject({ type: z.literal("home"), ...base, blocks: z.array(HomeBlock).max(100) });

export type ModalView = z.infer<typeof Modal>;
export type HomeView = z.infer<typeof Home>;
export type ViewVerdict<V> = { ok: true; view: V } | { ok: false; error: string; messages: string[] };

export const checkModal = (view: unknown): ViewVerdict<ModalView> => checkView(Modal, view);
export const checkHome = (view: unknown): ViewVerdict<HomeView> => checkView(Home, view);

function checkView<V extends { blocks: unknown[] }>(schema: z.ZodType<V>, view: unknown): ViewVerdict<V> {
  const parsed = schema.safeParse(view);
  if (!parsed.success) {
    const found = complaints(parsed.error, view, "/view");
    return { ok: false, error: "invalid_arguments", messages: found };
  }
  const twice = [
    ...blockIdComplaints(parsed.data.blocks, "/view/blocks"),
    ...actionIdComplaints(parsed.data.blocks, "/view/blocks"),
  ];
  if (twice.length > 0) return { ok: false, error: "invalid_arguments", messages: twice };
  return storedBytes(JSON.stringify(view)) > MAX_VIEW_BYTES
    ? { ok: false, error: "view_too_large", messages: [] }
    : { ok: true, view: parsed.data };
}

const storedBytes = (json: string) => Buffer.byteLength(json) + stored(json) - json.length;
