const place = document.querySelector("#toast");
let timer;

/** What Slack says with a warning sign only. */
const WORDS = {
  operation_timeout: "The app did not answer within 3 seconds. Try again?",
  dispatch_failed: "The app cannot be reached. Try again?",
};

/** One line at the foot of the window, read out by screen readers; in an open dialog, since what lies behind is inert. */
export function toast(text) {
  const front = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (place.parentElement !== front) front.append(place);
  place.textContent = WORDS[text] ?? text;
  place.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => place.classList.remove("shown"), 6_000);
}
