// htmx: the CSRF token on every request, a loading line, and failures as toasts instead of broken pages.
import { say } from "./page.js";
import { toast } from "./toasts.js";

let running = 0;
const loading = (step) => {
  running = Math.max(0, running + step);
  document.documentElement.classList.toggle("is-loading", running > 0);
};

document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.ctx.request.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:before:request", () => loading(1));
document.addEventListener("htmx:finally:request", () => loading(-1));

const messages = { 401: "SignedOut", 403: "Forbidden", 404: "Gone", 429: "TooMany" };
document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response.raw;
  if (status === 422 || status === 409) return; // the page shows these itself
  const id = headers.get("X-Request-ID");
  toast("error", say(messages[status] ?? (status >= 500 ? "Broken" : "Refused")), { detail: id && `${say("RequestId")} ${id}` });
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !event.detail.ctx.response) toast("error", say("Offline"));
});
