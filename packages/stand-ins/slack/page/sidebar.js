import { as } from "./calls.js";
import { h, hidden } from "./dom.js";

const place = document.querySelector("#sidebar");

/** Channels, the app, and who one is. `selected` is a channel's id or `home`. */
export function drawSidebar({ overview, selected, unread, open }) {
  const item = (id, sign, text, purpose) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: unread.has(id) ? "unread" : "",
          "aria-current": selected === id ? "page" : undefined,
          "data-open": id,
          title: purpose,
          onclick: () => {
            document.body.classList.remove("sidebar-open");
            open(id);
          },
        },
        h("span", { "aria-hidden": "true" }, sign),
        text,
        unread.has(id) && [hidden(" (unread)"), h("span", { class: "dot", "aria-hidden": "true" }, "●")],
      ),
    );
  const direct = overview.channels.filter(({ kind }) => kind === "im");
  place.replaceChildren(
    h("p", { class: "team" }, overview.team.name),
    h("h2", {}, "Channels"),
    h(
      "ul",
      {},
      overview.channels
        .filter(({ kind }) => kind !== "im")
        .map(({ id, name, purpose, kind }) => item(id, kind === "private" ? "🔒" : "#", name, purpose)),
    ),
    overview.app.hasHome || direct.length > 0 ? h("h2", {}, "Apps") : "",
    h(
      "ul",
      {},
      overview.app.hasHome && item("home", "⌂", `${overview.app.name} home`),
      direct.map(({ id }) => item(id, "✉", `${overview.app.name} messages`)),
    ),
    h(
      "label",
      { class: "who" },
      "You are",
      h(
        "select",
        {
          "aria-label": "You are",
          onchange: ({ target }) => {
            location.search = new URLSearchParams({ as: target.value });
          },
        },
        overview.people.map(({ handle, name, admin }) =>
          h("option", { value: handle, selected: handle === as }, admin ? `${name} (admin)` : name),
        ),
      ),
      overview.people.find(({ handle }) => handle === as)?.role,
    ),
  );
}
