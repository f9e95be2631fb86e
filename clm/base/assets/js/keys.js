// One map of keys. Off while typing. "?" lists them.
import { isTyping } from "./page.js";

const press = (selector) => () => document.querySelector(selector)?.click();
const rows = () => [...document.querySelectorAll(".data-table tbody tr")];

function walk(step) {
  const all = rows();
  const here = all.findIndex((row) => row.classList.contains("is-cursor"));
  const row = all[Math.max(0, Math.min(all.length - 1, here + step))];
  if (!row) return;
  all[here]?.classList.remove("is-cursor");
  row.classList.add("is-cursor");
  (row.querySelector("a.row-link, a, button") ?? row).focus();
  row.scrollIntoView({ block: "nearest" });
}

function find() {
  const box = document.querySelector("[data-search]");
  box?.focus();
  box?.select();
}

const keys = {
  "/": find,
  "?": () => { const help = document.getElementById("keys-help"); if (help && !help.open) help.showModal(); },
  j: () => walk(1),
  k: () => walk(-1),
  x: () => document.querySelector(".is-cursor input[type=checkbox]")?.click(),
  c: press("[data-key=c]"),
  e: press("[data-key=e]"),
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); find(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || document.querySelector("dialog[open]")) return;
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
