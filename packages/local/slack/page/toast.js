const place = document.querySelector("#toast");
let timer;

/** One line at the foot of the window, read out by screen readers. */
export function toast(text) {
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => place.classList.remove("shown"), 6_000);
}
