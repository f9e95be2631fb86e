// <ol data-order> of <li> with a [data-grip] and a form with buttons up, down and [data-by]: dragged by the grip with
// mouse, pen or finger, moved with Alt and the arrow keys. The form sends by how many places; the answer draws the list.
import { on } from "./page.js";

let drag = null;

const rows = (list) => [...list.children].filter((child) => child.matches("li"));

on("pointerdown", "[data-grip]", (event, grip) => {
  const row = grip.closest("li");
  const list = row?.closest("[data-order]");
  if (!list || event.button !== 0 || drag) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  drag = { list, row, before: rows(list), pointer: event.pointerId };
  row.classList.add("is-dragged");
});

document.addEventListener("pointermove", (event) => {
  if (event.pointerId !== drag?.pointer) return;
  scrollAtEdge(event.clientY);
  const { list, row } = drag;
  const next = rows(list).find((one) => one !== row && event.clientY < middle(one)) ?? null;
  if (next !== row.nextElementSibling) list.insertBefore(row, next);
});

document.addEventListener("pointerup", (event) => {
  if (event.pointerId === drag?.pointer) drop();
});
document.addEventListener("pointercancel", () => giveUp());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) { event.preventDefault(); giveUp(); }
}, true);

const middle = (row) => {
  const box = row.getBoundingClientRect();
  return box.top + box.height / 2;
};

function scrollAtEdge(y) {
  const near = 48;
  if (y < near) scrollBy(0, y - near);
  else if (y > innerHeight - near) scrollBy(0, y - innerHeight + near);
}

function end() {
  drag.row.classList.remove("is-dragged");
  const ended = drag;
  drag = null;
  return ended;
}

function drop() {
  const { list, row, before } = end();
  const by = rows(list).indexOf(row) - before.indexOf(row);
  if (by === 0) return;
  const button = row.querySelector("[data-by]");
  button.value = String(by);
  const form = button.form;
  form.addEventListener("htmx:finally:request", (event) => {
    const status = event.detail.ctx.response?.raw?.status ?? 0;
    if (status === 0 || status === 403 || status >= 500) before.forEach((one) => list.append(one)); // not done: as it was
  }, { once: true });
  form.requestSubmit(button);
}

function giveUp() {
  if (!drag) return;
  const { list, before } = end();
  before.forEach((one) => list.append(one));
}

on("keydown", "[data-order] > li", (event, row) => {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  const button = row.querySelector(event.key === "ArrowUp" ? "[value=up]" : "[value=down]");
  if (!button) return;
  event.preventDefault();
  if (button.disabled) return;
  button.focus();
  button.click();
});
