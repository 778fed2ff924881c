import type { ContentBlock } from "../conversation/conversation.ts";

/** Files that came with the request. An image's bytes are in no turn: its key stands there, and what it names never changes. */
export type Attached = {
  texts: { name: string; text: string }[];
  images: { key: string; name: string; mediaType: string; data: string }[];
};

/** Bytes of images in base64, by their keys. */
export type Images = ReadonlyMap<string, string>;

export const imagesOf = ({ images }: Pick<Attached, "images">): Images =>
  new Map(images.map(({ key, data }) => [key, data]));

/** As it is stored; `imageBlock` makes of it what the API takes. */
export const storedImage = ({ key, name, mediaType }: Attached["images"][number]): ContentBlock => ({
  type: "image",
  name,
  source: { type: "kept", key, media_type: mediaType },
});

/** `refused`: Claude could not read one of them. */
export function imageBlock(stored: ContentBlock, images: Images | "refused"): ContentBlock {
  if (images === "refused")
    return {
      type: "text",
      text: `(The requester attached the image ${stored.name}, which could not be shown to you: one of the attached images is damaged. Say in your report that you have not seen it.)`,
    };
  const { key, media_type } = stored.source as { key?: string; media_type?: string };
  const data = key === undefined ? undefined : images.get(key);
  return data === undefined
    ? { type: "text", text: "(An image that was attached here could not be read any more.)" }
    : { type: "image", source: { type: "base64", media_type, data } };
}

/** The most that a model counts for one image, whatever its size: it is made smaller until it fits. */
const MAX_IMAGE_TOKENS = 5_000;

export const imageTokens = (content: readonly ContentBlock[]) =>
  content.filter(({ type }) => type === "image").length * MAX_IMAGE_TOKENS;

/** A text file as the task holds it: nothing in it ends its tag. */
export const attachedText = ({ name, text }: Attached["texts"][number]) =>
  `<attachment name="${name.replaceAll('"', "'")}">\n${text.replaceAll("</attachment", "<\\/attachment")}\n</attachment>`;
