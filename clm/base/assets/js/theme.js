// System, light or dark. The choice is a cookie, so that the server paints the first frame right.
import { on } from "./page.js";

const root = document.documentElement;

function show(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.querySelectorAll("[data-set-theme]").forEach((button) =>
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme)));
  document.dispatchEvent(new Event("theme:change"));
}

on("click", "[data-set-theme]", (_event, button) => {
  const theme = button.dataset.setTheme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  show(theme);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  document.dispatchEvent(new Event("theme:change")));
