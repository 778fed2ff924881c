/**
 * Draws a list of blocks where an earlier one stands. What says the same stays as it is: an open menu stays open, and
 * a field in which a person writes stays. True: nothing stayed.
 */
export function redraw(container, list, { drawnFrom, draw }) {
  const standing = Map.groupBy(container.children, (node) => node.drawnFrom);
  const nodes = list.map((block) => standing.get(drawnFrom(block))?.shift() ?? drawing(block, { drawnFrom, draw }));
  const isNew = nodes.every((node) => !node.isConnected);
  // What stays is not moved: a node that is put in again loses the focus, and what is typed next is lost.
  for (const node of [...container.children]) if (!nodes.includes(node)) node.remove();
  for (const [i, node] of nodes.entries())
    if (container.children[i] !== node) container.insertBefore(node, container.children[i] ?? null);
  return isNew;
}

const drawing = (block, { drawnFrom, draw }) => Object.assign(draw(block), { drawnFrom: drawnFrom(block) });

/** Ids of blocks that the app did not name are made anew at each update. */
export const withoutId = (block) => JSON.stringify({ ...block, block_id: undefined });
