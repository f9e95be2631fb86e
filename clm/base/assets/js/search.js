// The search box in the top bar is a combobox: the focus stays in it, arrows choose among what was found,
// Enter opens it (or the page of all results), Esc closes.
const box = document.querySelector("[data-search]");
const panel = document.getElementById("quick-found");
const status = document.querySelector("[data-search-status]");

const options = () => [...panel.querySelectorAll("[role=option]")];
const chosen = () => panel.querySelector("[aria-selected=true]");

function show(open) {
  panel.classList.toggle("is-open", open);
  box.setAttribute("aria-expanded", String(open));
  if (!open) choose(null);
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) box.setAttribute("aria-activedescendant", option.id);
  else box.removeAttribute("aria-activedescendant");
}

function walk(step) {
  const stops = [null, ...options()];
  choose(stops[(stops.indexOf(chosen()) + step + stops.length) % stops.length]);
}

function forget() {
  panel.replaceChildren();
  status.textContent = "";
  show(false);
}

const acts = {
  ArrowDown: () => { if (options().length) { show(true); walk(1); } },
  ArrowUp: () => { if (options().length) { show(true); walk(-1); } },
  Escape: () => { if (panel.classList.contains("is-open")) show(false); else { box.value = ""; forget(); box.blur(); } },
};

if (box && panel) {
  box.addEventListener("input", () => { if (!box.value.trim()) forget(); });
  box.addEventListener("focus", () => { if (options().length) show(true); });
  box.addEventListener("keydown", (event) => {
    const option = chosen();
    if (event.key === "Enter" && option) { event.preventDefault(); option.click(); return; }
    if (acts[event.key]) { event.preventDefault(); event.stopPropagation(); acts[event.key](); }
  });
  panel.addEventListener("mousedown", (event) => event.preventDefault());
  document.addEventListener("htmx:after:swap", () => {
    const said = panel.querySelector("[data-search-says]");
    if (!said) return;
    if (!box.value.trim()) { forget(); return; }
    if (status.textContent !== said.textContent) status.textContent = said.textContent;
    if (document.activeElement === box) show(options().length > 0);
  });
}
