/** Menus open and close as one expects: by a click elsewhere or Escape, and the arrows go through what they offer. */
const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", ({ target }) => {
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (event.key === "Escape") {
    menu?.querySelector("summary").focus();
    for (const other of openMenus()) other.open = false;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length].focus();
});

/** A menu opens upwards where it would be cut off below. */
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches("details.menu")) return;
    target.classList.remove("up");
    if (!target.open) return;
    const { bottom } = target.querySelector("[role=menu]").getBoundingClientRect();
    const seen = (target.closest(".scroll") ?? document.documentElement).getBoundingClientRect();
    const own = target.getBoundingClientRect();
    target.classList.toggle("up", bottom > seen.bottom && own.top - seen.top > seen.bottom - own.bottom);
  },
  true,
);
