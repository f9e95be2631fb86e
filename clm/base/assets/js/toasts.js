// Short news at the bottom right. Errors stay until closed; the rest leaves after 8 s unless looked at.
import { each, icon, on, say } from "./page.js";

const shelf = () => document.getElementById("toasts");
const icons = { success: "circle-check", info: "info", warning: "triangle-alert", error: "circle-alert" };
const SHOWN_MS = 8000;

// `action` {label, event, detail}: a button that sends the event, for taking back what the news tells of.
export function toast(tone, text, { detail, action } = {}) {
  const item = document.createElement("div");
  item.className = `toast-item toast-${tone}`;
  item.dataset.toast = tone;
  const body = document.createElement("div");
  body.className = "toast-body";
  body.setAttribute("role", tone === "error" ? "alert" : "status");
  item.append(icon(icons[tone] ?? "info"), body, ...(action ? [actionButton(action)] : []), closeButton());
  shelf()?.append(item);
  body.textContent = text; // after the live region is in the page, so that it is read out
  if (detail) body.append(document.createElement("br"), Object.assign(document.createElement("code"), { textContent: detail }));
  schedule(item);
}

function actionButton({ label, event, detail }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast-action";
  button.textContent = label;
  button.addEventListener("click", () => {
    button.closest("[data-toast]").remove();
    document.dispatchEvent(new CustomEvent(event, { detail }));
  });
  return button;
}

function closeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.closeToast = "";
  button.setAttribute("aria-label", say("Close"));
  button.append(icon("x"));
  return button;
}

function schedule(item) {
  if (item.dataset.toast === "error" || item.dataset.toast === "warning") return;
  const leave = () => (item.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : item.remove());
  setTimeout(leave, SHOWN_MS);
}

each("[data-toast]", schedule);
on("click", "[data-close-toast]", (_event, button) => button.closest("[data-toast]").remove());
// HX-Trigger: {"toast": {"tone": "success", "text": "Saved."}}
document.addEventListener("toast", (event) => toast(event.detail.tone ?? "info", event.detail.text ?? "", event.detail));
