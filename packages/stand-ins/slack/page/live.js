/**
 * Redrawing under a person's hands: the focus stays on the control that says the same, an open menu stays open, the
 * scroll stays where it is.
 */
export function keepPlace(root, redraw) {
  const focused = root.contains(document.activeElement) ? document.activeElement : undefined;
  const open = [...root.querySelectorAll("details[open]")].map(ownName);
  redraw();
  for (const menu of document.querySelectorAll("details")) if (open.includes(ownName(menu))) menu.open = true;
  if (!focused) return;
  if (focused.isConnected) return focused.focus({ preventScroll: true });
  const name = ownName(focused);
  const twin = [...document.querySelectorAll(focused.tagName)].find((other) => ownName(other) === name);
  twin?.focus({ preventScroll: true });
}

const NAMES = ["data-action", "data-value", "data-open", "aria-label", "href"];
/** Where it stands counts too: the same card may be in the channel and in its thread. */
const ownName = (node) =>
  JSON.stringify([
    node.tagName,
    node.closest("aside") !== null,
    node.closest("[data-ts]")?.dataset.ts,
    node.closest("[data-action]")?.dataset.action,
    ...NAMES.map((name) => node.getAttribute(name)),
  ]);

/** A finger's click comes some time after it was lifted; after a press that becomes none it is waited for in vain. */
const CLICK_FOLLOWS_MS = 500;

let pressed = false;
let lifted;
const waiting = new Set();

function release() {
  pressed = false;
  for (const go of waiting) go();
  waiting.clear();
}
addEventListener("pointerdown", () => {
  // What was lifted before ends no press that has begun since.
  clearTimeout(lifted);
  pressed = true;
});
for (const end of ["click", "pointercancel", "dragend", "blur"]) addEventListener(end, release);
addEventListener("pointerup", () => {
  lifted = setTimeout(release, CLICK_FOLLOWS_MS);
});

/** A press on a native menu may never be seen to end. */
const LONGEST_PRESS_MS = 1_500;

/** Resolves while no pointer is down: a button that is replaced between press and release loses its click. */
export function handsOff() {
  if (!pressed) return undefined;
  return new Promise((resolve) => {
    waiting.add(resolve);
    setTimeout(resolve, LONGEST_PRESS_MS);
  });
}
