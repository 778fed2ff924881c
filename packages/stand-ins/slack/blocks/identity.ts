type Blockish = { block_id?: string; elements?: unknown; element?: unknown; accessory?: unknown };

/** Elements of a block that can have an action id. */
export function elementsOf(block: unknown): { type: string; action_id?: string; [key: string]: unknown }[] {
  const { elements, element, accessory } = block as Blockish;
  return [...(Array.isArray(elements) ? elements : []), element, accessory].filter(
    (candidate) => candidate !== null && typeof candidate === "object" && "type" in candidate,
  );
}

export function blockIdComplaints(blocks: unknown[], root: string): string[] {
  const seen = new Set<string>();
  return (blocks as Blockish[]).flatMap(({ block_id: id }, index) => {
    if (id === undefined) return [];
    if (seen.has(id)) return [`block_id already exists: ${id} [json-pointer:${root}/${index}/block_id]`];
    seen.add(id);
    return [];
  });
}

export function actionIdComplaints(blocks: unknown[], root: string): string[] {
  return blocks.flatMap((block, index) => {
    const ids = elementsOf(block).flatMap(({ action_id }) => action_id ?? []);
    return ids
      .filter((id, i) => ids.indexOf(id) !== i)
      .map((id) => `\`action_id\` already exists: ${id} [json-pointer:${root}/${index}]`);
  });
}

/** Slack gives every block a block id and every element an action id; payloads name them. */
export function withIds<B>(blocks: B[], newId: () => string): B[] {
  const name = (element: unknown) =>
    element !== null &&
    typeof element === "object" &&
    "type" in element &&
    !["plain_text", "mrkdwn", "image"].includes(String(element.type))
      ? { action_id: newId(), ...element }
      : element;
  return blocks.map((block) => {
    const { type, elements, element, accessory } = block as Blockish & { type: string };
    return {
      block_id: newId(),
      ...block,
      ...(type === "actions" && Array.isArray(elements) && { elements: elements.map(name) }),
      ...(element !== undefined && { element: name(element) }),
      ...(accessory !== undefined && { accessory: name(accessory) }),
    };
  });
}
