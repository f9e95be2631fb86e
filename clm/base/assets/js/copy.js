// <button data-copy="text"> or data-copy-from="#id"
import { on, say } from "./page.js";
import { toast } from "./toasts.js";

on("click", "[data-copy], [data-copy-from]", async (_event, button) => {
  const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  await navigator.clipboard.writeText(source ? (source.value ?? source.textContent).trim() : button.dataset.copy);
  toast("success", say("Copied"));
});
on("click", "[data-print]", () => print());
