/**
 * Makes an element. Properties starting with `on` are listeners, others attributes (false and undefined are left out).
 * Children are nodes or text; text is never read as HTML.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === false || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(
    ...children
      .flat(Number.POSITIVE_INFINITY)
      .filter((child) => child !== undefined && child !== null && child !== false),
  );
  return element;
}

export const hidden = (text) => h("span", { class: "visually-hidden" }, text);

export function link(url, ...children) {
  return /^(https?|mailto):/.test(url)
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, ...children)
    : h("span", {}, ...children);
}
