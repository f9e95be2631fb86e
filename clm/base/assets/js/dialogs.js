// <button data-open-dialog="id">, <button data-close-dialog>, and confirmation before a form or link acts
// (data-confirm-told="selector": it begins with what that says, if it is there).
import { each, on } from "./page.js";

on("click", "[data-open-dialog]", (event, button) => {
  event.preventDefault();
  const dialog = document.getElementById(button.dataset.openDialog);
  if (dialog && !dialog.open) dialog.showModal();
});
on("click", "[data-close-dialog]", (_event, button) => button.closest("dialog")?.close());
on("click", "dialog.sheet", (event, dialog) => {
  if (event.target === dialog) dialog.close(); // the backdrop
});
each("dialog[data-open-now]", (dialog) => dialog.showModal());

// A drawer or dialog filled by htmx opens when its content has come.
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target ?? event.target; // the event itself comes from the button that asked
  const dialog = target instanceof Element ? target.closest("dialog[data-open-on-load]") : null;
  if (dialog && !dialog.open) dialog.showModal();
});

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  const told = event.submitter?.dataset.confirmTold && document.querySelector(event.submitter.dataset.confirmTold);
  const lead = told ? `${told.textContent.trim().replace(/\s+/g, " ")}\n\n` : ""; // what the page knows by now
  if (question && !confirm(lead + question)) { event.preventDefault(); event.stopImmediatePropagation(); }
}, true);
