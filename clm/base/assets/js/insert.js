// <button data-insert="text">: puts it where the cursor was, in a field that takes placeholders.
import { on } from "./page.js";

const TAKES = "[data-takes-placeholders]";
let last = null;

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(TAKES)) last = event.target;
});
on("click", "[data-insert]", (_event, button) => {
  const field = last?.isConnected ? last : document.querySelector(TAKES);
  if (!field) return;
  const text = button.dataset.insert;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
