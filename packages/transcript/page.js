// Runs inside the transcript page, under a policy that lets nothing in or out. Without it the page can still be read.

const $ = (id) => document.getElementById(id);
const views = [...document.querySelectorAll("input[name=view]")];
const panels = [...document.querySelectorAll(".panel")];
const search = $("search");
const texts = new WeakMap();
const MAX_MARKS = 500;
const MAX_OPENED = 50;

const activePanel = () => $(views.find((view) => view.checked).value);

function textOf(part) {
  if (!texts.has(part)) texts.set(part, part.textContent.toLowerCase());
  return texts.get(part);
}

function find() {
  const wanted = search.value.trim().toLowerCase();
  const panel = activePanel();
  const parts = [...panel.querySelectorAll("[data-find]")];
  const found = parts.filter((part) => wanted === "" || textOf(part).includes(wanted));
  const kept = new Set(found);
  panel.classList.toggle("searched", wanted !== "");
  for (const part of parts) part.classList.toggle("found", wanted !== "" && kept.has(part));
  if (wanted !== "") for (const part of found.slice(0, MAX_OPENED)) open(part, wanted);
  mark(found.slice(0, MAX_OPENED), wanted);
  $("found").textContent = wanted === "" ? "" : `${found.length} of ${parts.length}`;
  $("nothing-found").hidden = wanted === "" || found.length > 0;
}

function open(part, wanted) {
  for (const details of [part, ...part.querySelectorAll("details")])
    if (details.localName === "details" && details.textContent.toLowerCase().includes(wanted)) details.open = true;
}

/** The page's elements stay as they are: what is found is painted by the browser, where it can. */
function mark(parts, wanted) {
  if (!globalThis.Highlight || !CSS.highlights) return;
  CSS.highlights.delete("found");
  if (wanted === "") return;
  const ranges = [];
  for (const part of parts) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (ranges.length < MAX_MARKS && walker.nextNode()) {
      const text = walker.currentNode.data.toLowerCase();
      for (let at = text.indexOf(wanted); at !== -1 && ranges.length < MAX_MARKS; at = text.indexOf(wanted, at + 1)) {
        const range = new Range();
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + wanted.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

/** A link to a turn or a file opens the view in which it stands. */
function follow() {
  const target = location.hash.length > 1 && $(decodeURIComponent(location.hash.slice(1)));
  const panel = target && panels.find((one) => one.contains(target));
  if (!panel) return;
  show(panel.id);
  if (target.localName === "details") target.open = true;
  target.scrollIntoView();
  // What lies between may only now have got its real height.
  requestAnimationFrame(() => target.scrollIntoView());
}

function show(id) {
  $(`view-${id}`).checked = true;
  if (search.value !== "") {
    search.value = "";
    find();
  }
}

let waiting;
search.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(find, 120);
});
for (const view of views) view.addEventListener("change", find);
addEventListener("hashchange", follow);
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target === search || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  search.focus();
});

const openAll = $("open-all");
openAll.hidden = false;
openAll.addEventListener("click", () => {
  const calls = [...$("technical").querySelectorAll("details.call")];
  const opening = calls.some((call) => !call.open);
  for (const call of calls) call.open = opening;
  openAll.textContent = opening ? "Close every call" : "Open every call";
});

follow();
