// The search box in the top bar: results as you type, arrows walk, Esc leaves. Enter opens the search page.
const box = document.querySelector("[data-search]");
const panel = document.getElementById("quick-found");

box?.addEventListener("input", () => { if (!box.value.trim()) panel.replaceChildren(); });
box?.form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { panel.replaceChildren(); document.activeElement.blur(); }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [box, ...panel.querySelectorAll("a")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  event.preventDefault();
});
