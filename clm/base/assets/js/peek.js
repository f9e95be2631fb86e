// <button data-peek="/address/">: on hover, focus or a tap the page's one #peek shows what is there.
import { place } from "./floating.js";

const DELAY = 250;
const EDGE = 16;
const ENOUGH = 320;
const known = new Map();
let asker = null;
let timer = 0;

const panel = () => document.getElementById("peek");

function later(work) {
  clearTimeout(timer);
  timer = setTimeout(work, DELAY);
}

function close() {
  clearTimeout(timer);
  asker?.removeAttribute("aria-describedby");
  asker = null;
  if (panel()?.matches(":popover-open")) panel().hidePopover();
}

/** The button's address, with what the page itself was asked for, such as another day. */
function address(button) {
  const url = new URL(button.dataset.peek, location.href);
  const page = new URLSearchParams(location.search);
  for (const name of (panel().dataset.with ?? "").split(" ")) if (page.get(name)) url.searchParams.set(name, page.get(name));
  return url.href;
}

async function asked(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  return answer?.ok && !answer.redirected ? answer.text() : null;
}

function show(button, html) {
  panel().innerHTML = html;
  panel().style.left = "0"; // measured where nothing is in its way
  const { top, bottom } = button.getBoundingClientRect();
  const below = innerHeight - bottom;
  panel().style.maxHeight = `min(70vh, ${(below < ENOUGH ? Math.max(top, below) : below) - EDGE}px)`; // it scrolls
  place(panel(), button);
}

async function open(button) {
  if (!panel() || asker === button) return;
  close();
  asker = button;
  button.setAttribute("aria-describedby", "peek");
  const url = address(button);
  panel().textContent = panel().dataset.loading;
  panel().showPopover();
  place(panel(), button);
  const html = known.get(url) ?? (await asked(url));
  if (html) known.set(url, html);
  if (asker === button) show(button, html ?? panel().dataset.failed);
}

const button = (event) => (event.target instanceof Element ? event.target.closest("[data-peek]") : null);

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const over = button(event);
  if (over && over !== asker) later(() => open(over));
  else if (over || event.target.closest?.("#peek")) clearTimeout(timer);
  else if (asker && asker !== document.activeElement) later(close);
  else if (!asker) clearTimeout(timer);
});
document.addEventListener("focusin", (event) => {
  const at = button(event);
  if (at?.matches(":focus-visible")) later(() => open(at));
});
document.addEventListener("focusout", (event) => {
  if (button(event)) later(close);
});
document.addEventListener("click", (event) => {
  const at = button(event);
  if (at) open(at);
  else if (asker && !event.target.closest?.("#peek")) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && asker) close();
});
