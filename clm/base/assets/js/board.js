// The board of leads. A card is moved by mouse or finger, by Alt and arrows, or by its "Move to" dialog; the server
// says where it is then. A refusal puts it back with the reason; what losing and winning ask comes in the dialog.
import Sortable from "sortablejs/modular/sortable.esm.js";
import { each, on, say } from "./page.js";

const dialog = () => document.getElementById("move-dialog");
const lists = () => [...document.querySelectorAll("[data-column]")];
let waiting = null; // {card, back} while the dialog asks

const toast = (tone, text, action) => document.dispatchEvent(new CustomEvent("toast", { detail: { tone, text, action } }));

/** Where a card is now, to put it back there. */
function place(card) {
  const list = card.parentElement;
  const next = card.nextElementSibling;
  return () => list.insertBefore(card, next?.parentElement === list ? next : list.querySelector(".board-more"));
}

async function send(url, fields) {
  const body = fields instanceof FormData ? fields : Object.entries(fields).reduce((data, [name, value]) => (data.set(name, value), data), new FormData());
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } });
}

async function move(card, back, url, fields) {
  card.classList.add("is-waiting");
  try {
    const response = await send(url, fields);
    if (response.status === 422) return ask(card, back, await response.text());
    if (response.ok || response.status === 409) return show(card, back, response);
    fail(card, back, { 401: "SignedOut", 403: "Forbidden", 404: "Gone", 429: "TooMany" }[response.status] ?? (response.status >= 500 ? "Broken" : "Refused"));
  } catch {
    fail(card, back, "Offline");
  } finally {
    card.classList.remove("is-waiting");
  }
}

function fail(card, back, reason) {
  settle();
  back();
  toast("error", say(reason));
}

/** The heads of the columns, and the card as it is now. */
async function show(card, back, response) {
  const parts = Object.assign(document.createElement("template"), { innerHTML: await response.text() }).content;
  settle();
  if (!response.ok) back();
  const fresh = parts.querySelector("[data-card]");
  for (const head of parts.querySelectorAll("[data-head]"))
    document.querySelector(`[data-head="${CSS.escape(head.dataset.head)}"]`)?.replaceWith(head);
  const hadFocus = card.contains(document.activeElement) || document.activeElement === document.body;
  const list = fresh && document.querySelector(`[data-column="${CSS.escape(fresh.dataset.step)}"]`);
  if (!list) card.remove();
  else if (card.parentElement === list) card.replaceWith(fresh);
  else { card.remove(); list.prepend(fresh); }
  if (hadFocus) fresh?.querySelector("a")?.focus();
  const news = JSON.parse(response.headers.get("HX-Trigger") ?? "{}").toast;
  if (news) toast(news.tone, news.text, news.action);
}

// From the toast: the card may have left the board meanwhile.
document.addEventListener("lead-move-undo", ({ detail }) => {
  const card = document.querySelector(`[data-card="${CSS.escape(String(detail.lead))}"]`) ?? document.createElement("div");
  move(card, card.parentElement ? place(card) : () => {}, detail.url, { undo: detail.undo });
});

function ask(card, back, html) {
  waiting = { card, back };
  document.getElementById("move-dialog-body").innerHTML = html;
  const box = dialog();
  if (!box.open) box.showModal();
  box.querySelector("#move-lead input:not([type=hidden]), #move-lead button")?.focus();
}

/** The dialog has its answer, or needs none. */
function settle() {
  waiting = null;
  if (dialog()?.open) dialog().close();
}

on("submit", "#move-dialog form", (event, form) => {
  if (!waiting) return;
  event.preventDefault();
  move(waiting.card, waiting.back, form.action, new FormData(form, event.submitter));
});
on("click", "#move-dialog a[href]", (event) => { event.preventDefault(); dialog().close(); });
on("click", "[data-move-to]", async (event, link) => {
  event.preventDefault();
  const card = link.closest("[data-card]");
  const response = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) return fail(card, place(card), response ? "Gone" : "Offline");
  ask(card, place(card), await response.text());
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const card = event.altKey && step && event.target instanceof Element ? event.target.closest("[data-lead-board] [data-card]") : null;
  if (!card) return;
  event.preventDefault(); // it would leave the page
  const all = lists();
  const to = all[all.indexOf(card.parentElement) + step];
  if (!to) return;
  const back = place(card);
  to.prepend(card);
  card.querySelector("a")?.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  move(card, back, card.dataset.move, { to: to.dataset.column, version: card.dataset.version });
});

each("[data-lead-board]", (board) => {
  dialog()?.addEventListener("close", () => {
    if (!waiting) return;
    const { card, back } = waiting;
    waiting = null;
    back();
    card.querySelector("[data-move-to]")?.focus();
  });
  board.querySelectorAll("[data-column]").forEach((list) => {
    let back = null;
    Sortable.create(list, {
      group: "leads", draggable: ".board-card", filter: ".board-more", sort: false, animation: 120,
      delay: 180, delayOnTouchOnly: true, ghostClass: "is-lifted", forceFallback: true, fallbackTolerance: 4,
      scrollSensitivity: 80,
      onStart: ({ item }) => { back = place(item); },
      onEnd: ({ item, from, to }) => {
        if (from !== to) move(item, back, item.dataset.move, { to: to.dataset.column, version: item.dataset.version });
      },
    });
  });
});
